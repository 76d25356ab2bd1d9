#!/usr/bin/env bash
# Writes FOLDER/SHA256SUMS over the archives in FOLDER.
set -euo pipefail
cd "${1:?"usage: checksums.sh FOLDER"}"
if command -v sha256sum >/dev/null; then sha256sum -- *.tar.gz; else shasum -a 256 -- *.tar.gz; fi >SHA256SUMS
