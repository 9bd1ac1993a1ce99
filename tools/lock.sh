#!/bin/sh
# Write both locks anew from pyproject.toml. For maintainers: needs uv, which nothing else here does.
# The header is our own because uv's repeats its command line, and the lock guard wants names and hashes only.
set -eu
cd "$(dirname "$0")/.."
uv=${UV:-uv}
common="--universal --generate-hashes --no-emit-index-url --no-header --no-annotate --python-version 3.11 --quiet"
head="# Every package with its hashes, for all platforms. Written by tools/lock.sh; install with: pip install --require-hashes -r"

write() { # name, then arguments
    name=$1; shift
    # shellcheck disable=SC2086
    "$uv" pip compile $common --output-file "$name" pyproject.toml "$@" >/dev/null
    { echo "$head $name"; cat "$name"; } >"$name.new"
    mv "$name.new" "$name"
}

write requirements.lock --group build
write requirements-test.lock --group build --group test --constraint requirements.lock
