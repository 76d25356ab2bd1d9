#!/usr/bin/env bash
# Prints what the changelog says about VERSION.
set -euo pipefail
version=${1:?"usage: notes.sh VERSION"}
notes=$(awk -v heading="## [$version]" '
  index($0, "## [") == 1 { inside = index($0, heading) == 1; next }
  inside' "$(dirname "$0")/../../CHANGELOG.md")
[[ -n $notes ]] || { echo "the changelog says nothing about $version" >&2; exit 1; }
printf '%s\n' "$notes"
