#!/usr/bin/env bash
# A throw-away Postgres: a unix socket in a folder, no TCP, nothing synced to disk.
#
#   deploy/postgres.sh start DIR [-c name=value ...]    prints the server's URL
#   deploy/postgres.sh stop DIR                         leaves DIR itself to the caller
#
# Sourced, it gives the same two as functions: postgres_start and postgres_stop.
# Postgres refuses to run as root, so root hands DIR and the server to the user `postgres`. That user must be able
# to reach DIR, and a socket's path has a limit of 107 bytes: `mktemp -d /tmp/cognate.XXXXXX` suits both.

# The newest installed server, else the one on the PATH.
postgres_bin() {
    local newest
    newest=$(find /usr/lib/postgresql/*/bin -name initdb 2>/dev/null | sort -V | tail -n 1)
    if [[ -z $newest ]]; then
        newest=$(readlink -f "$(command -v initdb)") || {
            echo "Postgres is not installed; deploy/dev.sh install does that." >&2
            return 1
        }
    fi
    dirname "$newest"
}

# Runs a command as the owner of the server, in DIR, free of the caller's PG* settings.
postgres_run() {
    local dir=$1 owner=()
    shift
    if [[ $(id -u) == 0 ]]; then
        owner=(setpriv --reuid=postgres --regid=postgres --init-groups --)
    fi
    (cd "$dir" && exec "${owner[@]}" env -i PATH="$PATH" LC_ALL=C.UTF-8 "$@")
}

postgres_start() {
    local dir=$1 bin options
    shift
    if ((${#dir} > 90)) || [[ $dir != /* ]]; then
        echo "The folder for Postgres must be an absolute path of at most 90 bytes: $dir" >&2
        return 1
    fi
    bin=$(postgres_bin) || return 1
    mkdir -p "$dir" && chmod 700 "$dir" || return 1
    if [[ $(id -u) == 0 ]]; then
        chown postgres:postgres "$dir" || return 1
    fi
    if [[ ! -e $dir/data/PG_VERSION ]]; then
        postgres_run "$dir" "$bin/initdb" -U cognate -A trust -E UTF8 --locale=C.UTF-8 --no-sync \
            -D "$dir/data" >/dev/null || return 1
    fi
    printf -v options ' %q' -k "$dir" -c "listen_addresses=" -c port=5432 -c max_connections=400 \
        -c fsync=off -c synchronous_commit=off -c full_page_writes=off "$@"
    if ! postgres_run "$dir" "$bin/pg_ctl" -D "$dir/data" -w -s -l "$dir/log" -o "$options" start >&2; then
        tail -n 20 "$dir/log" >&2
        return 1
    fi
    echo "postgres://cognate@localhost/postgres?host=$dir&sslmode=disable"
}

postgres_stop() {
    local dir=$1 bin
    if [[ -e $dir/data/postmaster.pid ]]; then
        bin=$(postgres_bin) || return 1
        postgres_run "$dir" "$bin/pg_ctl" -D "$dir/data" -w -s -m immediate stop
    fi
}

if [[ ${BASH_SOURCE[0]} == "$0" ]]; then
    set -euo pipefail
    case "${1-} ${2-}" in
        "start "?*) shift && postgres_start "$@" ;;
        "stop "?*) postgres_stop "$2" ;;
        *)
            echo "Usage: $0 start DIR [-c name=value ...] | stop DIR" >&2
            exit 2
            ;;
    esac
fi
