#!/usr/bin/env bash
# Installs a released pomlint, after comparing its checksum with the release's.
#
# Input, by environment variables only, so that no text of a workflow is ever read as shell:
#   POMLINT_VERSION    the release, such as 0.1.0 or v0.1.0; empty: that of the Cargo.toml beside this action
#   POMLINT_CHECKSUM   the SHA-256 that the archive must have; empty: what the release's SHA256SUMS says
#   POMLINT_RELEASES   where the releases are: an https address, or a folder; below it, vVERSION/FILE
#   RUNNER_OS, RUNNER_ARCH, RUNNER_TEMP, GITHUB_PATH   set by the runner
set -euo pipefail

fail() {
  echo "::error title=pomlint::$1" >&2
  exit 2
}

own_version() {
  sed -n '/^\[package\]/,/^\[/s/^version = "\(.*\)"$/\1/p' "$(dirname "$0")/../../Cargo.toml"
}

target() {
  case "$RUNNER_OS-$RUNNER_ARCH" in
    Linux-X64) echo x86_64-unknown-linux-musl ;;
    Linux-ARM64) echo aarch64-unknown-linux-musl ;;
    macOS-X64) echo x86_64-apple-darwin ;;
    macOS-ARM64) echo aarch64-apple-darwin ;;
    Windows-X64) echo x86_64-pc-windows-msvc ;;
    *) fail "there is no release for $RUNNER_OS on $RUNNER_ARCH: build it with cargo install" ;;
  esac
}

# Takes FILE of the release into the current folder.
take() {
  case "$releases" in
    https://*)
      curl --proto '=https' --tlsv1.2 --fail --silent --show-error --location --retry 3 --max-time 120 \
        --output "$1" "$releases/v$version/$1" || fail "$1 of release v$version cannot be fetched"
      ;;
    *) cp -- "$releases/v$version/$1" "$1" || fail "the folder of releases has no v$version/$1" ;;
  esac
}

sha256() {
  if command -v sha256sum >/dev/null; then sha256sum "$1"; else shasum -a 256 "$1"; fi | cut -d ' ' -f 1 | sed 's,^\\,,'
}

expected() {
  if [[ -n ${POMLINT_CHECKSUM:-} ]]; then
    printf '%s\n' "$POMLINT_CHECKSUM"
  else
    take SHA256SUMS
    awk -v file="$archive" '$2 == file || $2 == "*" file { print $1 }' SHA256SUMS
  fi
}

version=${POMLINT_VERSION:-$(own_version)}
version=${version#v}
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]] ||
  fail "the input \`version\` must be a release such as 0.1.0"
releases=${POMLINT_RELEASES:?"where are the releases?"}
target=$(target)
name=pomlint-$version-$target
archive=$name.tar.gz

folder=$(mktemp -d "$RUNNER_TEMP/pomlint.XXXXXX")
cd "$folder"
take "$archive"
wanted=$(expected)
found=$(sha256 "$archive")
[[ -n $wanted ]] || fail "SHA256SUMS of release v$version does not list $archive"
[[ $found == "$wanted" ]] || fail "$archive has the SHA-256 $found, and not $wanted: it is not installed"

tar -xzf "$archive"
echo "$folder/$name" >>"$GITHUB_PATH"
"./$name/pomlint" --version
