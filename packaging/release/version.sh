#!/usr/bin/env bash
# Prints version=VERSION, if VERSION is the one of Cargo.toml, of the changelog, and of everything that names a release.
set -euo pipefail
version=${1:?"usage: version.sh VERSION"}
cd "$(dirname "$0")/../.."

wrong=0
must() {
  if ! grep --quiet --fixed-strings -- "$2" "$1"; then
    echo "$1 must say: $2" >&2
    wrong=1
  fi
}
must Cargo.toml "version = \"$version\""
must CHANGELOG.md "## [$version] - "
must packaging/gitlab/pomlint.yml "POMLINT_VERSION: \"$version\""
must packaging/kubernetes/job.yaml "pomlint:$version"
must packaging/kubernetes/cronjob.yaml "pomlint:$version"
must docs/src/install.md "pomlint:$version"
must docs/src/ci.md "pomlint@v$version"
must docs/src/ci.md "rev: v$version"
[[ $wrong -eq 0 ]] || exit 1
echo "version=$version"
