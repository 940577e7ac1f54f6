#!/usr/bin/env bash
# The untouched aws CLI walks through what a pool's users and administrators do every day; run.sh calls this.
#
#   walk.sh URL    URL of a server in development mode, whose inbox holds the codes
#
# Every answer is checked, refusals by the name of their error. One line per step.
set -euo pipefail
clients=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
url=${1:?the URL of a server}
# Development mode takes any credentials, and nothing of this machine's AWS settings belongs here.
unset "${!AWS_@}"
export AWS_ENDPOINT_URL=$url AWS_DEFAULT_REGION=us-east-1 AWS_ACCESS_KEY_ID=any AWS_SECRET_ACCESS_KEY=thing
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_PAGER='' AWS_EC2_METADATA_DISABLED=true
# A failure that goes away when tried again is a failure.
export AWS_MAX_ATTEMPTS=1

fail() {
    echo "  FAILED: $*" >&2
    exit 1
}

passed() {
    echo "  $*"
}

idp() {
    aws cognito-idp "$@" --output text
}

# answers QUERY PATTERN OPERATION ARGS...: what the query finds in the answer is the whole of a pattern.
answers() {
    local query=$1 pattern=$2 got
    shift 2
    got=$(idp "$@" --query "$query") || fail "$1"
    [[ $got =~ ^($pattern)$ ]] || fail "$1 answers '$got' to $query, not '$pattern'"
    passed "$1: ${got//[$'\t\n']/, }"
}

# quietly OPERATION ARGS...: an operation that has nothing to say.
quietly() {
    local got
    got=$(idp "$@") || fail "$1"
    [[ -z $got ]] || fail "$1 answers '$got'"
    passed "$1"
}

# refused ERROR OPERATION ARGS...
refused() {
    local error=$1 got
    shift
    if got=$(idp "$@" 2>&1); then
        fail "$1 was not refused with $error"
    fi
    [[ $got == *"($error)"* ]] || fail "$1 was not refused with $error: $got"
    passed "$1: refused, $error"
}

# keep QUERY OPERATION ARGS...: leaves the values that a query finds in the array `kept`.
keep() {
    local query=$1 got
    shift
    got=$(idp "$@" --query "$query") || fail "$1"
    IFS=$'\t' read -r -a kept <<<"$got"
    passed "$1"
}

# signs_in_as USER PASSWORD: leaves the tokens in `access`, `id` and `refresh`.
signs_in_as() {
    keep 'AuthenticationResult.[AccessToken,IdToken,RefreshToken,TokenType,ExpiresIn]' initiate-auth \
        --client-id "$client" --auth-flow USER_PASSWORD_AUTH --auth-parameters "USERNAME=$1,PASSWORD=$2"
    access=${kept[0]} id=${kept[1]} refresh=${kept[2]}
    [[ ${kept[3]} == Bearer && ${kept[4]} == 3600 ]] || fail "initiate-auth answers ${kept[*]:3}"
    [[ $access == ey*.*.* && $id == ey*.*.* && $refresh == ey*.*.*.*.* ]] || fail "initiate-auth answers no tokens"
}

# A password sign-in without its outcome, for `answers` and `refused`.
password_sign_in() {
    sign_in=(initiate-auth --client-id "$client" --auth-flow USER_PASSWORD_AUTH)
    sign_in+=(--auth-parameters "USERNAME=$1,PASSWORD=$2")
}

# A refresh without its outcome.
refreshing() {
    sign_in=(initiate-auth --client-id "$client" --auth-flow REFRESH_TOKEN_AUTH)
    sign_in+=(--auth-parameters "REFRESH_TOKEN=$refresh")
}

code_for() {
    python3 -B "$clients/inbox.py" "$url" "$pool" "$@"
}

# A code that is not the one given.
not_code() {
    printf '%06d' $(((10#$1 + 1) % 1000000))
}

pools_and_clients() {
    keep 'UserPool.[Id,Arn,Name,DeletionProtection]' create-user-pool --pool-name walk \
        --auto-verified-attributes email --deletion-protection ACTIVE
    pool=${kept[0]}
    [[ $pool =~ ^[a-z0-9-]+_[0-9A-Za-z]{9}$ ]] || fail "$pool is not a pool id"
    [[ ${kept[*]:1} == "arn:aws:cognito-idp:${pool%_*}:000000000000:userpool/$pool walk ACTIVE" ]] ||
        fail "create-user-pool answers ${kept[*]}"
    answers 'UserPool.[Name,AutoVerifiedAttributes[0],Policies.PasswordPolicy.MinimumLength,EstimatedNumberOfUsers]' \
        $'walk\temail\t8\t0' describe-user-pool --user-pool-id "$pool"
    answers "UserPools[?Id=='$pool'].Name" walk list-user-pools --max-results 60
    refused InvalidParameterException delete-user-pool --user-pool-id "$pool"
    # What an update leaves out returns to its default, deletion protection among it; a pool's own policy stays.
    quietly update-user-pool --user-pool-id "$pool" --auto-verified-attributes email
    answers 'UserPool.[DeletionProtection,AutoVerifiedAttributes[0]]' $'INACTIVE\temail' \
        describe-user-pool --user-pool-id "$pool"
    refused ResourceNotFoundException describe-user-pool --user-pool-id "${pool%_*}_000000000"

    local flows=(ALLOW_USER_PASSWORD_AUTH ALLOW_REFRESH_TOKEN_AUTH ALLOW_ADMIN_USER_PASSWORD_AUTH)
    keep 'UserPoolClient.[ClientId,UserPoolId,ClientName,ClientSecret]' create-user-pool-client \
        --user-pool-id "$pool" --client-name first --explicit-auth-flows "${flows[@]}"
    client=${kept[0]}
    [[ ${kept[*]:1} == "$pool first None" ]] || fail "create-user-pool-client answers ${kept[*]}"
    local of_client=(--user-pool-id "$pool" --client-id "$client")
    answers 'UserPoolClient.[ClientName,RefreshTokenValidity,EnableTokenRevocation]' $'first\t30\tTrue' \
        describe-user-pool-client "${of_client[@]}"
    answers 'UserPoolClient.ClientName' web \
        update-user-pool-client "${of_client[@]}" --client-name web --explicit-auth-flows "${flows[@]}"
    answers 'sort(UserPoolClient.ExplicitAuthFlows)' \
        $'ALLOW_ADMIN_USER_PASSWORD_AUTH\tALLOW_REFRESH_TOKEN_AUTH\tALLOW_USER_PASSWORD_AUTH' \
        describe-user-pool-client "${of_client[@]}"
    answers 'UserPoolClients[].[ClientId,ClientName]' "$client"$'\tweb' \
        list-user-pool-clients --user-pool-id "$pool" --max-results 10
}

signing_up() {
    local sign_up=(sign-up --client-id "$client" --username ada)
    sign_up+=(--user-attributes "Name=email,Value=ada@example.com")
    refused InvalidPasswordException "${sign_up[@]}" --password 'analytical'
    answers '[UserConfirmed,CodeDeliveryDetails.[DeliveryMedium,AttributeName,Destination]][]' \
        $'False\tEMAIL\temail\ta\\*\\*\\*@e\\*\\*\\*' "${sign_up[@]}" --password 'Analytical-1843'
    refused UsernameExistsException "${sign_up[@]}" --password 'Analytical-1843'
    password_sign_in ada Analytical-1843
    refused UserNotConfirmedException "${sign_in[@]}"

    local code confirm=(confirm-sign-up --client-id "$client" --username ada)
    code=$(code_for ada@example.com)
    refused CodeMismatchException "${confirm[@]}" --confirmation-code "$(not_code "$code")"
    quietly "${confirm[@]}" --confirmation-code "$code"
    refused NotAuthorizedException "${confirm[@]}" --confirmation-code "$code"
}

signing_in() {
    password_sign_in ada wrong-Password-1
    refused NotAuthorizedException "${sign_in[@]}"
    password_sign_in nobody Analytical-1843
    refused UserNotFoundException "${sign_in[@]}"
    signs_in_as ada Analytical-1843
    answers "[Username,UserAttributes[0].Name,UserAttributes[?starts_with(Name,'email')].Value[]][]|sort(@)" \
        $'ada\tada@example.com\tsub\ttrue' get-user --access-token "$access"
    refused NotAuthorizedException get-user --access-token "$id"
    refreshing
    answers 'AuthenticationResult.[TokenType,ExpiresIn,RefreshToken]' $'Bearer\t3600\tNone' "${sign_in[@]}"
}

passwords() {
    local change=(change-password --access-token "$access")
    refused NotAuthorizedException "${change[@]}" --previous-password Wrong-1843 --proposed-password Difference-1822
    quietly "${change[@]}" --previous-password Analytical-1843 --proposed-password Difference-1822
    password_sign_in ada Analytical-1843
    refused NotAuthorizedException "${sign_in[@]}"
    answers Username ada get-user --access-token "$access"

    local code
    answers 'CodeDeliveryDetails.[DeliveryMedium,AttributeName]' $'EMAIL\temail' \
        forgot-password --client-id "$client" --username ada
    code=$(code_for ada@example.com 2)
    local confirm=(confirm-forgot-password --client-id "$client" --username ada --password Bernoulli-1842)
    refused CodeMismatchException "${confirm[@]}" --confirmation-code "$(not_code "$code")"
    quietly "${confirm[@]}" --confirmation-code "$code"
    password_sign_in ada Difference-1822
    refused NotAuthorizedException "${sign_in[@]}"
}

signing_out() {
    signs_in_as ada Bernoulli-1842
    refused UnsupportedTokenTypeException revoke-token --client-id "$client" --token "$access"
    quietly revoke-token --client-id "$client" --token "$refresh"
    refreshing
    refused NotAuthorizedException "${sign_in[@]}"
    refused NotAuthorizedException get-user --access-token "$access"

    signs_in_as ada Bernoulli-1842
    quietly global-sign-out --access-token "$access"
    refreshing
    refused NotAuthorizedException "${sign_in[@]}"
    refused NotAuthorizedException get-user --access-token "$access"
}

invited_users() {
    local create=(admin-create-user --user-pool-id "$pool")
    answers 'User.[Username,UserStatus,Enabled]' $'grace\tFORCE_CHANGE_PASSWORD\tTrue' "${create[@]}" \
        --username grace --temporary-password Temporary-1952 --message-action SUPPRESS \
        --user-attributes Name=email,Value=grace@example.com Name=email_verified,Value=true
    refused UsernameExistsException "${create[@]}" --username grace --message-action SUPPRESS
    local admin=(--user-pool-id "$pool" --client-id "$client")
    keep '[ChallengeName,ChallengeParameters.USER_ID_FOR_SRP,Session]' admin-initiate-auth "${admin[@]}" \
        --auth-flow ADMIN_USER_PASSWORD_AUTH --auth-parameters USERNAME=grace,PASSWORD=Temporary-1952
    [[ ${kept[*]:0:2} == "NEW_PASSWORD_REQUIRED grace" ]] || fail "admin-initiate-auth answers ${kept[*]}"
    # Written with `=`, because a session is opaque and nothing forbids it to begin with a dash.
    local answer=(--challenge-name NEW_PASSWORD_REQUIRED --session="${kept[2]}" --challenge-responses)
    refused InvalidPasswordException admin-respond-to-auth-challenge "${admin[@]}" \
        "${answer[@]}" USERNAME=grace,NEW_PASSWORD=weak
    answers 'AuthenticationResult.TokenType' Bearer admin-respond-to-auth-challenge "${admin[@]}" \
        "${answer[@]}" USERNAME=grace,NEW_PASSWORD=Compiler-1952
    refused NotAuthorizedException admin-respond-to-auth-challenge "${admin[@]}" \
        "${answer[@]}" USERNAME=grace,NEW_PASSWORD=Compiler-1953

    # This one is invited by email, with a password of the server's making.
    answers 'User.UserStatus' FORCE_CHANGE_PASSWORD "${create[@]}" --username linus --desired-delivery-mediums EMAIL \
        --user-attributes Name=email,Value=linus@example.com
    local temporary
    temporary=$(code_for linus@example.com)
    # As JSON: the shorthand gives `=` and `,` a meaning of their own.
    keep '[ChallengeName,Session]' initiate-auth --client-id "$client" --auth-flow USER_PASSWORD_AUTH \
        --auth-parameters "{\"USERNAME\": \"linus\", \"PASSWORD\": \"$temporary\"}"
    [[ ${kept[0]} == NEW_PASSWORD_REQUIRED ]] || fail "initiate-auth answers ${kept[*]}"
    answers 'AuthenticationResult.[TokenType,ExpiresIn]' $'Bearer\t3600' respond-to-auth-challenge \
        --client-id "$client" --challenge-name NEW_PASSWORD_REQUIRED --session="${kept[1]}" \
        --challenge-responses USERNAME=linus,NEW_PASSWORD=Kernel-1991
}

administration() {
    local admin=(--user-pool-id "$pool" --username grace)
    quietly admin-set-user-password "${admin[@]}" --password Nanosecond-1906 --permanent
    answers "[Username,UserStatus,Enabled,UserAttributes[?Name=='email'].Value|[0]]" \
        $'grace\tCONFIRMED\tTrue\tgrace@example.com' admin-get-user "${admin[@]}"
    refused UserNotFoundException admin-get-user --user-pool-id "$pool" --username nobody

    local list=(list-users --user-pool-id "$pool")
    answers 'sort(Users[].Username)' $'ada\tgrace\tlinus' "${list[@]}"
    # The CLI asks for one page after the other, and answers the query once a page.
    answers 'Users[].Username' $'(ada|grace|linus)\n(ada|grace|linus)\n(ada|grace|linus)' "${list[@]}" --page-size 1
    answers 'Users[].Username' linus "${list[@]}" --filter 'email ^= "LIN"'
    answers 'length(Users)' 0 "${list[@]}" --filter 'username = "nobody"'
    refused InvalidParameterException "${list[@]}" --filter 'username'

    keep 'AuthenticationResult.[AccessToken,RefreshToken]' admin-initiate-auth --user-pool-id "$pool" \
        --client-id "$client" --auth-flow ADMIN_NO_SRP_AUTH --auth-parameters USERNAME=grace,PASSWORD=Nanosecond-1906
    access=${kept[0]} refresh=${kept[1]}
    answers Username grace get-user --access-token "$access"
    quietly admin-user-global-sign-out "${admin[@]}"
    refused NotAuthorizedException get-user --access-token "$access"
    refreshing
    refused NotAuthorizedException "${sign_in[@]}"

    quietly admin-delete-user "${admin[@]}"
    refused UserNotFoundException admin-get-user "${admin[@]}"
    password_sign_in grace Nanosecond-1906
    refused UserNotFoundException "${sign_in[@]}"
}

# Users of another system come by a file, one of them with their password.
importing() {
    local job address file
    file=$(mktemp /tmp/cognate-walk.XXXXXX)
    answers 'length(CSVHeader)' 21 get-csv-header --user-pool-id "$pool"
    keep 'UserImportJob.[JobId,PreSignedUrl]' create-user-import-job --user-pool-id "$pool" --job-name movers \
        --cloud-watch-logs-role-arn arn:aws:iam::000000000000:role/unused --password-hashing-algorithm PBKDF2_SHA256
    job=(--user-pool-id "$pool" --job-id "${kept[0]}") address=${kept[1]}
    refused PreconditionNotMetException start-user-import-job "${job[@]}"
    {
        echo 'cognito:username,cognito:mfa_enabled,email,email_verified,cognito:password_hash'
        # The hash of Analytical-1837, made elsewhere.
        # shellcheck disable=SC2016
        echo 'ada2,false,ada2@example.com,true,$pbkdf2-sha256$i=10000$AAECAwQFBgcICQoLDA0ODw$jfyQfI1sMaDfESqJyDkJmwfr3teP+JKRqdIkfF8t58w'
        echo 'linus,false,again@example.com,true,'
        echo 'nobody,false,nonsense,true,'
    } >"$file"
    curl -fsS -T "$file" -H 'x-amz-server-side-encryption:aws:kms' "$address" || fail "the upload"
    rm "$file"
    passed "upload"
    answers 'UserImportJob.Status' Pending start-user-import-job "${job[@]}"
    for _ in {1..100}; do
        [[ $(idp describe-user-import-job "${job[@]}" --query UserImportJob.Status) == Succeeded ]] && break
        sleep 0.1
    done
    answers 'UserImportJob.[Status,ImportedUsers,SkippedUsers,FailedUsers]' $'Succeeded\t1\t1\t1' \
        describe-user-import-job "${job[@]}"
    # The first time by the hash that came along, the second time by one of our own.
    signs_in_as ada2 Analytical-1837
    signs_in_as ada2 Analytical-1837
}

leaving() {
    quietly delete-user-pool-client --user-pool-id "$pool" --client-id "$client"
    refused ResourceNotFoundException describe-user-pool-client --user-pool-id "$pool" --client-id "$client"
    password_sign_in ada Bernoulli-1842
    refused ResourceNotFoundException "${sign_in[@]}"
    quietly delete-user-pool --user-pool-id "$pool"
    refused ResourceNotFoundException describe-user-pool --user-pool-id "$pool"
}

aws --version
pools_and_clients
signing_up
signing_in
passwords
signing_out
invited_users
administration
importing
leaving
