#!/usr/bin/env bash
# Pastes the walk of README.md into bash, block by block, and compares what comes out with what the page shows.
#
#   readme.sh URL FOLDER    URL of a server in development mode with an empty inbox, which calls itself by that URL
#                           (COGNATE_PUBLIC_URL), and a folder with `.venv` (PyJWT) and `node_modules`
#                           (aws-jwt-verify) to run in
#
# A `text` block is what the `bash` block before it prints; without one it prints nothing. `sh` blocks are not run.
set -euo pipefail
readme=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../../.." && pwd)/README.md
url=${1:?the URL of a server} folder=${2:?a folder with the packages}
work=$(mktemp -d /tmp/cognate-readme.XXXXXX)
trap 'rm -rf "$work"' EXIT
# Nothing of this machine's AWS settings belongs here.
unset "${!AWS_@}"
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true

# Writes the blocks of the walk to 01.bash, 01.text, 02.bash, ...
split() {
    sed "s#http://localhost:4566#$url#g" "$readme" | awk -v work="$work" '
        /^## / { walk = $0 == "## The walk" }
        /^```/ && file { close(file); file = ""; next }
        /^```(bash|text)$/ && walk {
            kind = substr($0, 4)
            if (kind == "bash") number++
            file = sprintf("%s/%02d.%s", work, number, kind)
        }
        file && !/^```/ { print > file }'
}

# What differs from run to run, and between versions of the CLI, left out.
settled() {
    sed -E -e 's/^aws: \[ERROR\]: //' -e 's/eyJ[A-Za-z0-9_.-]+/eyJ.../g' -e 's/us-east-1_[0-9A-Za-z]{9}/POOL/g' \
        -e 's/[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}/UUID/g' -e 's/\b[0-9a-v]{26}\b/CLIENT/g' \
        -e 's/[0-9-]{10}T[0-9:.]+Z/TIME/g' -e 's/\b[0-9]{6}\b/CODE/g' -e 's/"state":"[a-z]+"/"state":.../g' "$@" | awk NF
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
        printf '  FAILED: what README.md shows (<) is not what comes out (>) of\n%s\n' "$(<"$block")" >&2
        cat "$work/diff" >&2
        failed=1
    fi
done
((failed == 0))
echo "  $(find "$work" -name '*.bash' | wc -l) blocks do what README.md shows"
