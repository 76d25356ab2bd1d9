#!/usr/bin/env bash
# Builds what a release has for one target: build.sh VERSION TARGET FOLDER writes the archive and the wheel into FOLDER.
# Needs the Rust toolchain with the target, Python 3, and for musl the compiler musl-gcc.
set -euo pipefail

version=${1:?"usage: build.sh VERSION TARGET FOLDER"} target=${2:?} folder=${3:?}
cd "$(dirname "$0")/../.."
built=${CARGO_TARGET_DIR:-target}/$target/release
binary=$built/pomlint
if [[ $target == *-windows-* ]]; then binary+=.exe; fi
if [[ $target == *-musl ]]; then export TARGET_CC=musl-gcc; fi

cargo build --release --locked --target "$target"
if [[ $target == *-musl ]] && ! file "$binary" | grep --quiet --extended-regexp 'static(-pie|ally) linked'; then
  echo "$binary is not static" >&2
  exit 1
fi
packaging/release/archive.sh "$binary" "$version" "$target" "$folder"

tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
"$(command -v python3 || command -v python)" -m venv "$tools"
PATH=$tools/bin:$tools/Scripts:$PATH
pip install --quiet --disable-pip-version-check maturin==1.16.0
maturin build --release --target "$target" --out "$folder"
