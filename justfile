export CARGO_TARGET_DIR := env("CARGO_TARGET_DIR", env("XDG_CACHE_HOME", home_directory() / ".cache") / "cognate/target")

# List the recipes
_default:
    @just --list --unsorted

# Run the server on http://localhost:4566
serve *args:
    deploy/dev.sh serve {{ args }}

# Run every test against a throw-away Postgres
test *args:
    deploy/dev.sh test {{ args }}

# Photograph every page in Chromium: light, dark, on a phone, from right to left
screenshots folder="target/screenshots":
    deploy/dev.sh screenshots {{ folder }}

# Check format, lints and generated files
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    deploy/sqlx.sh --check
    cargo run -q -p cognate-codegen -- --check
    cargo run -q -p cognate-api --bin cognate -- reference --check docs/reference

# Format the code
fmt:
    cargo fmt --all

# Rewrite everything generated: wire types, checked queries, reference pages
gen:
    cargo run -p cognate-codegen
    deploy/sqlx.sh
    cargo run -p cognate-api --bin cognate -- reference docs/reference

# Measure an optimised build
bench *args:
    cargo build --release -p cognate-api -p cognate-bench
    "$CARGO_TARGET_DIR/release/cognate-bench" {{ args }}

# Fetch the newest AWS service models and print what changed
contract-refresh:
    #!/usr/bin/env bash
    set -euo pipefail
    models=$(mktemp -d)
    trap 'rm -rf "$models"' EXIT
    python3 -m pip download -q --no-deps --only-binary :all: -d "$models" botocore
    python3 -m zipfile -e "$models"/botocore-*.whl "$models"
    cargo run -p cognate-codegen -- refresh "$models/botocore/data"

# Run all that a change must pass
ci:
    .ci/run
