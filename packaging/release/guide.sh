#!/usr/bin/env bash
# Builds the guide as a site, with the page that judges in a browser: guide.sh VERSION FOLDER writes FOLDER/pomlint-VERSION-guide.tar.gz.
# In a release that page is always there: where it cannot be built, this fails. Needs the Rust toolchain with rustup.
set -euo pipefail

version=${1:?"usage: guide.sh VERSION FOLDER"} folder=${2:?}
cd "$(dirname "$0")/../.."
command -v mdbook >/dev/null || cargo install --quiet --locked --no-default-features --features search mdbook@0.5.4
web/build
if [[ ! -s target/web/engine.js ]]; then
  echo "the page \"What do you see?\" has no engine" >&2
  exit 1
fi
cargo run --quiet --locked --example guide
mdbook build target/guide

name=pomlint-$version-guide
mkdir -p "$folder"
staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT
cp -R target/guide/book "$staging/$name"
tar -C "$staging" -czf "$folder/$name.tar.gz" "$name"
