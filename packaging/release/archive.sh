#!/usr/bin/env bash
# Packs a binary as a release has it: archive.sh BINARY VERSION TARGET FOLDER writes FOLDER/pomlint-VERSION-TARGET.tar.gz.
set -euo pipefail

if [[ $# -ne 4 ]]; then
  echo "usage: archive.sh BINARY VERSION TARGET FOLDER" >&2
  exit 2
fi
binary=$1 version=$2 target=$3 folder=$4
name=pomlint-$version-$target
project=$(cd "$(dirname "$0")/../.." && pwd)

mkdir -p "$folder"
staging=$(mktemp -d)
trap 'rm -rf "$staging"' EXIT
mkdir "$staging/$name"
cp -- "$binary" "$staging/$name/"
cp -- "$project"/{README.md,CHANGELOG.md,LICENSE-APACHE,LICENSE-MIT} "$staging/$name/"
tar -C "$staging" -czf "$folder/$name.tar.gz" "$name"
