#!/usr/bin/env bash
# Pastes a page of the documentation into bash, block by block, and compares what comes out with what the page shows.
#
#   page.sh PAGE URL FOLDER    PAGE as seen from the root of the repository; URL of a server in development mode, which
#                              calls itself by that URL (COGNATE_PUBLIC_URL); a FOLDER to run in
#
# A `text` block right after a `bash` block is what that prints; without one it prints nothing. Other blocks are not run.
#
# README.md wants an empty inbox, and in the folder `.venv` (PyJWT) and `node_modules` (aws-jwt-verify).
# docs/guides/web-apps.md wants Flask and Authlib in the Python on the PATH, and express, express-session and openid-client.
# docs/guides/administration.md and triggers.md want `cognate` on the PATH, and the server's settings in the environment; the
# latter `node_modules` (standardwebhooks) in the folder and aws-encryption-sdk in the Python on the PATH.
set -euo pipefail
page=${1:?a page of the documentation} url=${2:?the URL of a server} folder=${3:?a folder to run in}
source=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../../.." && pwd)/$page
work=$(mktemp -d /tmp/cognate-page.XXXXXX)
trap 'rm -rf "$work"' EXIT
# Nothing of this machine's AWS settings belongs here.
unset "${!AWS_@}"
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true

# Writes the blocks of the page to 01.bash, 01.text, 02.bash, ...
split() {
    sed "s#http://localhost:4566#$url#g" "$source" | awk -v work="$work" '
        /^```/ && inside { if (file) close(file); inside = file = ""; next }
        /^```/ {
            inside = 1
            kind = substr($0, 4)
            if (kind == "bash") number++
            if (kind == "bash" || kind == "text" && last == "bash") file = sprintf("%s/%02d.%s", work, number, kind)
            last = kind
            next
        }
        file { print > file }'
}

# What differs from run to run, and between versions of the CLI, left out.
settled() {
    sed -E -e 's/^aws: \[ERROR\]: //' -e 's/eyJ[A-Za-z0-9_.-]+/eyJ.../g' -e 's/us-east-1_[0-9A-Za-z]{9}/POOL/g' \
        -e 's/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}/UUID/g' -e 's/\b[0-9a-v]{26}(--[0-9]+)?\b/CLIENT/g' \
        -e 's/\b[0-9a-v]{52}\b/SECRET/g' -e 's/"?[0-9-]{10}T[0-9:.]+(Z|[+-][0-9:]+)"?/TIME/g' \
        -e 's/\b1[0-9]{9}(\.[0-9]+)?\b/TIME/g' -e 's/\b[0-9]{6}\b/CODE/g' -e 's/"state":"[a-z]+"/"state":.../g' "$@" | awk NF
}

split
# One shell runs them all, as one terminal would, each with its output to a file of its own.
for block in "$work"/*.bash; do
    echo "exec >'${block%.bash}.got' 2>&1"
    cat "$block"
done >"$work/walk"
(cd "$folder" && bash "$work/walk")

failed=0
for block in "$work"/*.bash; do
    shown=${block%.bash}.text got=${block%.bash}.got
    touch "$shown"
    if ! diff <(settled "$shown") <(settled "$got") >"$work/diff"; then
        printf '  FAILED: what %s shows (<) is not what comes out (>) of\n%s\n' "$page" "$(<"$block")" >&2
        cat "$work/diff" >&2
        failed=1
    fi
done
((failed == 0))
echo "  $(find "$work" -name '*.bash' | wc -l) blocks do what $page shows"
