#!/usr/bin/env bash
# Terraform with the untouched AWS provider manages everything of Cognito that it can: it applies terraform/, applies
# that again with many settings changed, imports what it made, and destroys it. After each step a plan must find
# nothing to do. run.sh calls this.
#
#   terraform.sh URL [ADDRESS...]
#
#   URL                         URL of a server in development mode
#   ADDRESS                     a resource, such as aws_cognito_user_pool.rich: only these and what they need
#   COGNATE_TERRAFORM_PLUGINS   where the AWS provider lies for machines without the internet; /opt/tf-plugins if unset
#
# Neither Terraform nor its provider, some hundred megabytes, is installed for this: where one is missing, the script
# says so and succeeds, even in CI. TF_LOG=DEBUG TF_LOG_PATH=/tmp/log shows every request and answer.
set -euo pipefail
configuration=$(cd "$(dirname "${BASH_SOURCE[0]}")/terraform" && pwd)
url=${1:?the URL of a server}
addresses=("${@:2}")
plugins=${COGNATE_TERRAFORM_PLUGINS:-/opt/tf-plugins}
# Development mode takes any credentials, and nothing of this machine's AWS and Terraform settings belongs here.
unset "${!AWS_@}" "${!TF_VAR_@}" "${!TF_CLI_ARGS@}" TF_WORKSPACE TF_DATA_DIR
export AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=thing AWS_EC2_METADATA_DISABLED=true
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
export TF_IN_AUTOMATION=true TF_INPUT=false CHECKPOINT_DISABLE=true
# Domains are shared by everybody, so two runs must not ask for the same one.
export TF_VAR_url=$url TF_VAR_prefix=terraform-$$-$RANDOM

skip() {
    echo "  SKIPPED: $*"
    exit 0
}

fail() {
    echo "  FAILED: $*" >&2
    exit 1
}

passed() {
    echo "  $*"
}

# said FAILURE: shows what Terraform said, from its first error on if there is one, and ends.
said() {
    if grep -q '^Error: ' "$work/log"; then
        sed -n '/^Error: /,$p' "$work/log" >&2
    else
        grep -vE ': (Refreshing state|Reading|Read complete|Preparing import)' "$work/log" >&2
    fi
    fail "$1"
}

# Leaves what Terraform says in the log.
quiet_terraform() {
    terraform "$@" -no-color >"$work/log" 2>&1
}

initialise() {
    local from=()
    if [[ -d $plugins ]]; then
        printf 'provider_installation {\n  filesystem_mirror {\n    path = "%s"\n  }\n}\n' "$plugins" >"$work/rc"
        export TF_CLI_CONFIG_FILE=$work/rc
        from=(" from $plugins")
    fi
    if quiet_terraform init; then
        return
    fi
    if grep -qE 'Failed to (query available provider packages|install provider)' "$work/log"; then
        skip "the AWS provider could not be installed${from[*]}"
    fi
    said "init"
}

# apply WHAT [ARGS...]
apply() {
    local what=$1
    shift
    quiet_terraform apply -auto-approve "${targets[@]}" "$@" || said "$what"
    passed "$what: $(grep -oE '[0-9]+ (imported|added|changed|destroyed)' "$work/log" | paste -sd ,)"
}

# nothing_to_do AFTER: a plan, which reads everything, must be empty.
nothing_to_do() {
    local status=0
    quiet_terraform plan -detailed-exitcode "${targets[@]}" || status=$?
    case $status in
        0) passed "$1, a plan finds nothing to do" ;;
        2) said "$1, a plan still wants to change something" ;;
        *) said "$1, a plan fails" ;;
    esac
}

# Every resource in the state, without the data sources.
managed() {
    terraform state list | grep -v '^data\.'
}

# The resources to import and their ids, as configuration. A membership cannot be imported, and of these users the
# configuration says things that reading them does not tell: how they were invited, and a password that changes.
import_blocks() {
    terraform show -json | python3 -c '
import json, sys
left_out = ["aws_cognito_user_in_group", "aws_cognito_user.grace", "aws_cognito_user.linus"]
for resource in json.load(sys.stdin)["values"]["root_module"]["resources"]:
    address, kind, values = resource["address"], resource["type"], resource["values"]
    if resource["mode"] != "managed" or kind in left_out or address in left_out:
        continue
    pool = values["user_pool_id"] + "/" if kind == "aws_cognito_user_pool_client" else ""
    print("import {\n  to = %s\n  id = \"%s%s\"\n}" % (address, pool, values["id"]))
'
}

imports() {
    local forgotten
    import_blocks >"$work/imports.tf" || fail "the state could not be read"
    mapfile -t forgotten < <(sed -n 's/^  to = //p' "$work/imports.tf")
    terraform state rm "${forgotten[@]}" >"$work/log" 2>&1 || said "state rm"
    apply "import"
    # Whatever an import gets wrong, the apply would put right unseen.
    grep -q "${#forgotten[@]} imported, 0 added, 0 changed, 0 destroyed" "$work/log" || said "import changes something"
    rm "$work/imports.tf"
}

# idp OPERATION BODY: one signed request; the answer's body.
idp() {
    curl -sS --max-time 30 --aws-sigv4 aws:amz:us-east-1:cognito-idp --user any:thing \
        -H "X-Amz-Target: AWSCognitoIdentityProviderService.$1" -H 'Content-Type: application/x-amz-json-1.1' \
        -d "$2" "$url/"
}

# answers PATTERN OPERATION BODY
answers() {
    local pattern=$1 got
    shift
    got=$(idp "$@") || fail "$1"
    [[ $got =~ $pattern ]] || fail "$1 $2 answers $got"
}

# Pools come last: their end would hide that something in them was not deleted.
destroys() {
    local pools=() inside=() domains=() all address pool domain
    all=$(managed)
    while read -r address; do
        case $address in
            aws_cognito_user_pool.*) pools+=("$(id_of "$address")") ;;
            aws_cognito_user_pool_domain.*) domains+=("$(id_of "$address")") && inside+=("-target=$address") ;;
            *) inside+=("-target=$address") ;;
        esac
    done <<<"$all"
    if ((${#inside[@]} > 0)); then
        quiet_terraform destroy -auto-approve "${inside[@]}" || said "destroy"
        passed "destroy: ${#inside[@]} resources in pools"
    fi
    for pool in "${pools[@]}"; do
        answers '"UserPoolClients":\[\]' ListUserPoolClients "{\"UserPoolId\":\"$pool\",\"MaxResults\":60}"
        answers '"Users":\[\]' ListUsers "{\"UserPoolId\":\"$pool\"}"
        answers '"Groups":\[\]' ListGroups "{\"UserPoolId\":\"$pool\"}"
        answers '"ResourceServers":\[\]' ListResourceServers "{\"UserPoolId\":\"$pool\",\"MaxResults\":50}"
        answers '"Providers":\[\]' ListIdentityProviders "{\"UserPoolId\":\"$pool\",\"MaxResults\":60}"
    done
    for domain in "${domains[@]}"; do
        answers '"DomainDescription":\{\}' DescribeUserPoolDomain "{\"Domain\":\"$domain\"}"
    done
    passed "the pools are empty, and the domains are free"

    quiet_terraform destroy -auto-approve || said "destroy"
    passed "destroy: ${#pools[@]} pools"
    [[ -z $(terraform state list) ]] || fail "the state still holds $(terraform state list)"
    for pool in "${pools[@]}"; do
        answers 'ResourceNotFoundException' DescribeUserPool "{\"UserPoolId\":\"$pool\"}"
    done
    passed "nothing is left"
}

id_of() {
    terraform state show -no-color "$1" | sed -n 's/^    id  *= "\(.*\)"$/\1/p'
}

command -v terraform >/dev/null || skip "terraform is not installed"
for tool in python3 curl; do
    command -v "$tool" >/dev/null || fail "$tool is not installed"
done
work=$(mktemp -d /tmp/cognate-terraform.XXXXXX)
trap 'rm -rf "$work"' EXIT
cp "$configuration"/* "$work"
cd "$work"
targets=("${addresses[@]/#/-target=}")

initialise
quiet_terraform version
head -n 1 "$work/log"
apply "apply"
nothing_to_do "once applied"
sed -i 's/changed = false/changed = true/' variant.tf
apply "change"
nothing_to_do "once changed"
imports
nothing_to_do "once imported"
destroys
