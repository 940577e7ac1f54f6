#!/usr/bin/env bash
# Tries the server with clients that are not ours: the aws CLI, boto3 with PyJWT, pycognito, the AWS SDK for JavaScript
# with aws-jwt-verify, amazon-cognito-identity-js and Amplify, with devices too, AWS's Encryption SDK beside moto's KMS and SNS,
# openid-client, oidc-client-ts, Authlib, express-openid-connect, the Model Context Protocol's SDK, Chromium with passkeys and at the
# pages with axe-core, and Terraform; the last two are not tried where they are not installed.
# deploy/dev.sh test runs this after the Rust tests.
#
#   DATABASE_URL           a Postgres server to create a database in; needed unless the next one is given
#   COGNATE_CLIENTS_URL    a running server in development mode to try instead of starting one
#   COGNATE_SCREENSHOTS    a folder for photographs of the pages, of which nothing else is tried then
#   CI                     when set, a client that cannot run here is a failure instead of being skipped
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../../.."
# shellcheck source=deploy/postgres.sh
source deploy/postgres.sh
# shellcheck source=crates/api/tests/clients/packages.sh
source crates/api/tests/clients/packages.sh

work=$(mktemp -d /tmp/cognate-clients.XXXXXX)
url=${COGNATE_CLIENTS_URL-} screenshots=${COGNATE_SCREENSHOTS-} server='' database=''
passed=0 failed=0 skipped=0
# The server is on this machine, whatever proxy leads out of it.
export no_proxy=127.0.0.1,localhost NO_PROXY=127.0.0.1,localhost
# Nothing of this machine's AWS settings belongs here.
unset "${!AWS_@}"
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
# The SDK says which Node it will need one day.
export AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED=true

clean_up() {
    trap '' INT TERM
    if [[ -n $server ]]; then
        kill -KILL "$server" 2>/dev/null || true
        wait "$server" 2>/dev/null || true
    fi
    if [[ -n $database ]]; then
        in_postgres "drop database if exists $database with (force)" || true
        in_postgres "drop database if exists ${database}_aws with (force)" || true
    fi
    rm -rf "$work"
}

in_postgres() {
    "$(postgres_bin)/psql" -X -q -v ON_ERROR_STOP=1 -d "$DATABASE_URL" -c "set client_min_messages = warning" -c "$1"
}

# DATABASE_URL with another database in place of the one it names.
database_url() {
    local place=${DATABASE_URL%%\?*} options=''
    if [[ $DATABASE_URL == *\?* ]]; then
        options="?${DATABASE_URL#*\?}"
    fi
    echo "${place%/*}/$1$options"
}

# A port that nobody listens on, below those that the system hands out itself.
free_port() {
    local port
    while port=$((20000 + RANDOM % 12000)); do
        if ! (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
            echo "$port"
            return
        fi
    done
}

server_log() {
    echo "The server $1. The end of what it said:" >&2
    tail -n 50 "$work/server.log" >&2
}

server_failed() {
    server_log "$1"
    exit 1
}

start_server() {
    local binary=${CARGO_TARGET_DIR:-target}/debug/cognate port metrics
    if [[ ! -x $binary ]]; then
        cargo build -p cognate-api
    fi
    database=cognate_clients_$$
    in_postgres "create database $database"
    port=$(free_port)
    metrics=$(free_port)
    while [[ $metrics == "$port" ]]; do
        metrics=$(free_port)
    done
    url=http://127.0.0.1:$port

    # What a developer has set for a server of their own is not meant for this one, nor for its commands.
    unset "${!COGNATE_@}"
    COGNATE_DATABASE_URL=$(database_url "$database")
    export COGNATE_DATABASE_URL COGNATE_DEV=true COGNATE_DATA_DIR=$work/data COGNATE_PUBLIC_URL=$url
    export COGNATE_DOMAIN_SUFFIX=pools.test COGNATE_LISTEN=127.0.0.1:$port COGNATE_METRICS_LISTEN=127.0.0.1:$metrics
    # The server calls nobody over TLS but a place on this machine.
    mkdir "$work/tls"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=clients \
        -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE \
        -keyout "$work/tls/key.pem" -out "$work/tls/cert.pem" 2>/dev/null
    SSL_CERT_FILE=$work/tls/cert.pem "$binary" serve >"$work/server.log" 2>&1 </dev/null &
    server=$!
    mkdir "$work/bin"
    ln -s "$(realpath "$binary")" "$work/bin/cognate"
    for _ in {1..600}; do
        if curl -fs -o /dev/null --max-time 5 "$url/_cognate/health/ready"; then
            return
        fi
        kill -0 "$server" 2>/dev/null || server_failed "did not start"
        sleep 0.1
    done
    server_failed "did not become ready"
}

# Asks the server to stop, as a service manager does, and expects it to end well.
stop_server() {
    local pid=$server status=0
    kill -TERM "$pid" 2>/dev/null || true
    for _ in {1..300}; do
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    if kill -0 "$pid" 2>/dev/null; then
        server_failed "did not stop within 30 seconds of SIGTERM"
    fi
    wait "$pid" || status=$?
    server=''
    if ((status != 0)); then
        server_failed "ended with status $status"
    fi
}

skip() {
    echo "SKIPPED $1: $2"
    skipped=$((skipped + 1))
}

# Runs one client: its name, then the command.
client() {
    local name=$1 started=$SECONDS
    shift
    echo "--> $name"
    if "$@"; then
        echo "--> $name: ok, $((SECONDS - started)) s"
        passed=$((passed + 1))
    else
        echo "--> $name: FAILED"
        failed=$((failed + 1))
    fi
}

# Fills `venv`, or says in `no_python` why it cannot.
prepare_python() {
    venv='' no_python=''
    if ! command -v python3 >/dev/null; then
        no_python="python3 is not installed"
    elif ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
        no_python="python3 has no venv, which Debian keeps in python3-venv"
    else
        venv=$(venv_folder)
        install_once "$venv" fill_venv || no_python="its packages could not be installed"
    fi
}

# Fills `modules`, or says in `no_node` why it cannot.
prepare_node() {
    modules='' no_node=''
    for tool in node npm; do
        if ! command -v "$tool" >/dev/null; then
            no_node="$tool is not installed"
            return
        fi
    done
    if ! node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)'; then
        no_node="node $(node --version) is too old: the AWS SDK needs 20"
        return
    fi
    modules=$(node_folder)
    install_once "$modules" fill_node_modules || no_node="its packages could not be installed"
}

# README.md reads an empty inbox, so it comes first. Pages are for a server of our own only.
pages() {
    local page
    if [[ -z $no_python ]]; then
        ln -s "$venv" "$work/.venv"
    fi
    for page in README.md docs/guides/administration.md docs/guides/triggers.md docs/guides/web-apps.md; do
        local why=$no_python
        if [[ $page != docs/guides/administration.md ]]; then
            why+=$no_node
        fi
        if [[ -n $why ]]; then
            skip "$page" "$why"
        elif [[ -n $server ]]; then
            client "$page" env PATH="$work/bin:$venv/bin:$PATH" bash "$clients/page.sh" "$page" "$url" "$work"
        fi
    done
}

python_clients() {
    if [[ -z $no_python ]]; then
        client "aws CLI" env PATH="$venv/bin:$PATH" bash "$clients/walk.sh" "$url"
        client "boto3 and PyJWT" "$venv/bin/python" -B "$clients/jwt_verify.py" "$url"
        client "pycognito" "$venv/bin/python" -B "$clients/srp.py" "$url"
        client "boto3 by choice" "$venv/bin/python" -B "$clients/choice.py" "$url"
        client "boto3 and sessions" "$venv/bin/python" -B "$clients/sessions.py" "$url"
        client "Authlib" "$venv/bin/python" -B "$clients/oauth.py" "$url"
        if [[ -n $server ]]; then
            in_postgres "create database ${database}_aws"
            client "AWS Encryption SDK with KMS and SNS" env COGNATE_DATABASE_URL="$(database_url "${database}_aws")" \
                "$venv/bin/python" -B "$clients/senders.py" "$work/bin/cognate"
        fi
        return
    fi
    # An aws of the machine's own will do for the walk, if there is a Python to read the inbox with.
    if command -v aws >/dev/null && command -v python3 >/dev/null; then
        client "aws CLI" bash "$clients/walk.sh" "$url"
    else
        skip "aws CLI" "$no_python"
    fi
    skip "boto3 and PyJWT" "$no_python"
    skip "pycognito" "$no_python"
    skip "boto3 by choice" "$no_python"
    skip "boto3 and sessions" "$no_python"
    skip "Authlib" "$no_python"
    skip "AWS Encryption SDK with KMS and SNS" "$no_python"
}

node_clients() {
    if [[ -n $no_node ]]; then
        skip "aws-jwt-verify" "$no_node"
        skip "openid-client" "$no_node"
        skip "OpenID Foundation's plans" "$no_node"
        skip "amazon-cognito-identity-js and Amplify" "$no_node"
        skip "amazon-cognito-identity-js and Amplify with devices" "$no_node"
        skip "Chromium with passkeys" "$no_node"
        skip "openid-client and Chromium at the pages" "$no_node"
        skip "Chromium at the pages from right to left" "$no_node"
        skip "oidc-client-ts and Amplify by redirection" "$no_node"
        skip "express-openid-connect and sign-outs" "$no_node"
        skip "Auth.js" "$no_node"
        skip "Model Context Protocol" "$no_node"
        return
    fi
    cp -r "$clients"/{development,totp,authenticator,jwt_verify,oauth,sign_in,devices,passkeys,browsing,pages,redirects,sign_out,agent}.mjs \
        "$clients"/{openid_plans,relying_party,auth_js}.mjs "$clients/pages" "$work"
    client "aws-jwt-verify" node "$work/jwt_verify.mjs" "$url"
    client "openid-client" node "$work/oauth.mjs" "$url"
    client "OpenID Foundation's plans" node "$work/openid_plans.mjs" "$url"
    client "amazon-cognito-identity-js and Amplify" node "$work/sign_in.mjs" "$url"
    client "amazon-cognito-identity-js and Amplify with devices" node "$work/devices.mjs" "$url"
    local chromium
    if chromium=$(command -v chromium); then
        client "Chromium with passkeys" node "$work/passkeys.mjs" "$url" "$chromium"
        client "openid-client and Chromium at the pages" node "$work/pages.mjs" "$url" "$chromium"
        COGNATE_PAGES_LANGUAGE=ar client "Chromium at the pages from right to left" node "$work/pages.mjs" "$url" "$chromium"
        client "oidc-client-ts and Amplify by redirection" node "$work/redirects.mjs" "$url" "$chromium"
        client "express-openid-connect and sign-outs" node "$work/sign_out.mjs" "$url" "$chromium"
        client "Auth.js" node "$work/auth_js.mjs" "$url" "$chromium"
        if [[ -n $server ]]; then
            client "Model Context Protocol" node "$work/agent.mjs" "$url" "$chromium" "$work/tls"
        fi
    else
        echo "Chromium with passkeys and at the pages: not tried, chromium is not installed"
    fi
}

trap clean_up EXIT
if [[ -z $url ]]; then
    : "${DATABASE_URL:?names a Postgres server to create a database in, or set COGNATE_CLIENTS_URL}"
    start_server
fi
url=${url%/}
prepare_python
prepare_node
# A module finds its packages beside itself only, and the repository stays free of them.
if [[ -z $no_node ]]; then
    ln -s "$modules/node_modules" "$work/node_modules"
fi
if [[ -n $screenshots ]]; then
    cp -r "$clients"/{development,totp,authenticator,browsing,pages}.mjs "$clients/pages" "$work"
    for language in en ar; do
        COGNATE_PAGES_LANGUAGE=$language client "photographs ($language)" \
            node "$work/pages.mjs" "$url" "$(command -v chromium)" "$screenshots"
    done
else
    pages
    python_clients
    node_clients
    client "Terraform" bash "$clients/terraform.sh" "$url"
fi
echo "clients: $passed passed, $failed failed, $skipped skipped"
if [[ -n $server ]]; then
    if ((failed > 0)); then
        server_log "failed a client"
    fi
    stop_server
fi
if [[ -n ${CI-} ]] && ((skipped > 0)); then
    echo "CI tries every client: what was skipped above must be installed." >&2
    exit 1
fi
((failed == 0))
