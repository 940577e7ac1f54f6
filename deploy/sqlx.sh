#!/usr/bin/env bash
# Writes .sqlx, the cache that lets the checked queries of crates/store compile without a database.
#
#   deploy/sqlx.sh            applies the migrations to a throw-away Postgres and rewrites .sqlx
#   deploy/sqlx.sh --check    only fails when the committed .sqlx is not what it would write
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
# shellcheck source=deploy/postgres.sh
source deploy/postgres.sh

case ${1-} in
    "" | --check) mode=${1-} ;;
    *)
        echo "Usage: $0 [--check]" >&2
        exit 2
        ;;
esac

export HOME="${HOME:-$(cd ~ && pwd)}"
export PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
export CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-${XDG_CACHE_HOME:-$HOME/.cache}/cognate/target}"
unset PGHOST PGHOSTADDR PGPORT PGUSER PGPASSWORD PGPASSFILE PGDATABASE PGOPTIONS PGSERVICE PGSSLMODE

postgres_dir=$(mktemp -d /tmp/cognate-sqlx.XXXXXX)
queries=$(mktemp -d /tmp/cognate-sqlx.XXXXXX)
finish() {
    trap '' INT TERM
    postgres_stop "$postgres_dir" || true
    rm -rf "$postgres_dir" "$queries"
}
trap finish EXIT

DATABASE_URL=$(postgres_start "$postgres_dir")
psql=("$(postgres_bin)/psql" --no-psqlrc --quiet --set ON_ERROR_STOP=1)
"${psql[@]}" --dbname "$DATABASE_URL" --command 'CREATE DATABASE cognate'
DATABASE_URL=${DATABASE_URL/localhost\/postgres/localhost\/cognate}
for migration in migrations/*.sql; do
    PGOPTIONS='--client-min-messages=warning' "${psql[@]}" --dbname "$DATABASE_URL" --file "$migration"
done

# Only an expanding macro writes its query, and touching the file makes all of them expand again. The shell's
# SQLX_OFFLINE=false wins over the default in .cargo/config.toml.
touch crates/store/src/lib.rs
SQLX_OFFLINE=false SQLX_OFFLINE_DIR=$queries DATABASE_URL=$DATABASE_URL cargo check -p cognate-store --all-targets

if [[ $mode != --check ]]; then
    chmod 755 "$queries"
    rm -rf .sqlx
    cp -rp "$queries" .sqlx
elif ! diff -r .sqlx "$queries" >&2; then
    echo ".sqlx is out of date: run deploy/sqlx.sh and commit the result." >&2
    exit 1
fi
