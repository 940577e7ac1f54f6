#!/usr/bin/env bash
# Everything a development machine needs, on Debian or Ubuntu, as root or as a user with sudo.
#
#   deploy/dev.sh serve [args...]   builds and runs the server; without COGNATE_DATABASE_URL it starts its own
#                                   Postgres and listens on http://localhost:4566. RELEASE=1 optimises.
#   deploy/dev.sh test [args...]    runs every test against a throw-away Postgres; args go to `cargo test`
#   deploy/dev.sh screenshots FOLDER    photographs every page in Chromium: light, dark, phone, several languages
#   deploy/dev.sh install           only installs what is missing; the others do that first
#
# Paths in the arguments are seen from the root of the repository.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=deploy/postgres.sh
source deploy/postgres.sh

export HOME="${HOME:-$(cd ~ && pwd)}"
export PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/cognate/target}"
# The checked queries are read from .sqlx, whatever DATABASE_URL says; deploy/sqlx.sh writes them.
export SQLX_OFFLINE=true

as_root() {
    if [[ $(id -u) == 0 ]]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "This needs root or sudo: $*" >&2
        exit 1
    fi
}

missing_packages() {
    postgres_bin >/dev/null 2>&1 || echo postgresql
    command -v pkg-config >/dev/null || echo pkg-config
    [[ -e /usr/include/openssl/ssl.h ]] || pkg-config --exists openssl 2>/dev/null || echo libssl-dev
    { command -v make && command -v c++ && cc -x c -fsyntax-only - <<<'#include <stdlib.h>'; } >/dev/null 2>&1 ||
        echo build-essential
    command -v curl >/dev/null || echo curl
    [[ -e /etc/ssl/certs/ca-certificates.crt || -e /etc/ssl/cert.pem ]] || echo ca-certificates
}

install_packages() {
    local missing
    mapfile -t missing < <(missing_packages)
    if ((${#missing[@]} == 0)); then
        return
    fi
    if ! command -v apt-get >/dev/null; then
        echo "Please install what these Debian packages hold: ${missing[*]}" >&2
        exit 1
    fi
    echo "Installing ${missing[*]}"
    # Debian's package would start a server of its own, which nothing here uses.
    if [[ ${missing[0]} == postgresql && ! -e /etc/postgresql-common/createcluster.conf ]]; then
        as_root mkdir -p /etc/postgresql-common
        as_root tee /etc/postgresql-common/createcluster.conf >/dev/null <<<"create_main_cluster = false"
    fi
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

install_rust() {
    local wanted found
    if ! command -v cargo >/dev/null; then
        echo "Installing Rust"
        curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs |
            sh -s -- -y --profile minimal --component clippy --component rustfmt
    fi
    wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
    found=$(rustc --version | cut -d ' ' -f 2)
    if [[ $(printf '%s\n' "$wanted" "$found" | sort -V | head -n 1) != "$wanted" ]]; then
        echo "Rust $found is too old: Cognate needs $wanted. Try: rustup update stable" >&2
        exit 1
    fi
}

serve() {
    local profile=debug flags=()
    if [[ ${RELEASE-} == 1 ]]; then
        profile=release flags=(--release)
    fi
    cargo build -p cognate-api "${flags[@]}"
    exec "$CARGO_TARGET_DIR/$profile/cognate" serve "$@"
}

stop_test_postgres() {
    trap '' INT TERM
    postgres_stop "$postgres_dir" || true
    rm -rf "$postgres_dir"
}

start_test_postgres() {
    unset PGHOST PGHOSTADDR PGPORT PGUSER PGPASSWORD PGPASSFILE PGDATABASE PGOPTIONS PGSERVICE PGSSLMODE
    postgres_dir=$(mktemp -d /tmp/cognate-test.XXXXXX)
    trap stop_test_postgres EXIT
    DATABASE_URL=$(postgres_start "$postgres_dir")
    export DATABASE_URL
}

screenshots() {
    start_test_postgres
    cargo build -p cognate-api
    COGNATE_SCREENSHOTS=$(realpath -m "${1:?names the folder that they go to}") bash crates/api/tests/clients/run.sh
}

run_tests() {
    start_test_postgres
    cargo test --workspace "$@"

    if [[ -e crates/api/tests/clients/run.sh ]]; then
        bash crates/api/tests/clients/run.sh
    fi
}

case ${1-} in
    install | screenshots | serve | test) ;;
    *)
        echo "Usage: $0 serve|test|screenshots|install [args...]" >&2
        exit 2
        ;;
esac
install_packages
install_rust
case $1 in
    screenshots) screenshots "${@:2}" ;;
    serve) serve "${@:2}" ;;
    test) run_tests "${@:2}" ;;
esac
