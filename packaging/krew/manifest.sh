#!/usr/bin/env bash
# Prints the manifest with which `kubectl krew` installs a release: manifest.sh VERSION FOLDER, FOLDER with its SHA256SUMS.
# The plugin is the binary under another name: `kubectl pomlint check` reads what runs.
set -euo pipefail

if [[ $# -ne 2 ]]; then
  echo "usage: manifest.sh VERSION FOLDER" >&2
  exit 2
fi
version=$1 sums=$2/SHA256SUMS

platform() {
  local os=$1 arch=$2 target=$3 binary=$4
  local name=pomlint-$version-$target
  local sum
  sum=$(awk -v file="$name.tar.gz" '{ sub(/^\*/, "", $2) } $2 == file { print $1 }' "$sums")
  [[ -n $sum ]] || { echo "$sums has no checksum of $name.tar.gz" >&2; exit 1; }
  cat <<END
    - selector:
        matchLabels:
          os: $os
          arch: $arch
      uri: https://github.com/OWNER/pomlint/releases/download/v$version/$name.tar.gz
      sha256: "$sum"
      files:
        - from: $name/$binary
          to: .
        - from: $name/LICENSE-*
          to: .
      bin: $binary
END
}

cat <<END
apiVersion: krew.googlecontainertools.github.com/v1alpha2
kind: Plugin
metadata:
  name: pomlint
spec:
  version: v$version
  homepage: https://github.com/OWNER/pomlint
  shortDescription: Will logins through Pomerium and Cognito work
  description: |
    Reads the Pomerium that runs in a namespace, asks its Amazon Cognito user pool
    harmless questions that need no AWS credentials, and says whether a login will
    work, or which setting, on which side, breaks it.
  caveats: |
    Secrets of the namespace are read, and stay in memory:
      kubectl pomlint check --namespace pomerium
  platforms:
END
platform linux amd64 x86_64-unknown-linux-musl pomlint
platform linux arm64 aarch64-unknown-linux-musl pomlint
platform darwin amd64 x86_64-apple-darwin pomlint
platform darwin arm64 aarch64-apple-darwin pomlint
platform windows amd64 x86_64-pc-windows-msvc pomlint.exe
