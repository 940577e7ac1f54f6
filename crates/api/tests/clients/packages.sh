#!/usr/bin/env bash
# The packages that the clients need, in ~/.cache/cognate/clients: one folder for each set of versions, filled once.
# Sourced by run.sh.

cache=${XDG_CACHE_HOME:-$HOME/.cache}/cognate/clients
clients=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

# Fills a folder of the cache, once, with a command that is given the folder's path last.
install_once() {
    local folder=$1
    shift
    if [[ -e $folder/complete ]]; then
        return
    fi
    mkdir -p "$cache"
    (
        # Two runs may come here together; the second one finds the work done.
        flock 9
        if [[ ! -e $folder/complete ]]; then
            rm -rf "$folder"
            "$@" "$folder" >&2 && touch "$folder/complete"
        fi
    ) 9>"$folder.lock"
}

fingerprint() {
    sha256sum | cut -c 1-16
}

fill_venv() {
    python3 -m venv "$1" &&
        "$1/bin/python" -m pip install -q --disable-pip-version-check --only-binary :all: -r "$clients/requirements.txt"
}

fill_node_modules() {
    mkdir "$1" && cp "$clients"/package{,-lock}.json "$1" &&
        npm ci --prefix "$1" --ignore-scripts --no-audit --no-fund --loglevel error
}

# Where the Python packages belong: a virtual environment also depends on the Python that made it.
venv_folder() {
    echo "$cache/python-$({ python3 --version && cat "$clients/requirements.txt"; } | fingerprint)"
}

node_folder() {
    echo "$cache/node-$(cat "$clients"/package{,-lock}.json | fingerprint)"
}
