#!/usr/bin/env bash
# Runs the hook `pomlint-system` of this repository in another one: it must let a good configuration pass, stop a bad one, and
# leave alone what configures no Pomerium. Needs git, pre-commit and pomlint on the PATH.
# With the argument `rust`, the hook `pomlint` too, which builds a release first.
set -euo pipefail

project=$(cd "$(dirname "$0")/../.." && pwd)
hooks=(pomlint-system)
if [[ ${1:-} == rust ]]; then hooks+=(pomlint); fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
log=$folder/log
mkdir "$folder/repository"
cd "$folder/repository"
git init --quiet .
mkdir pomerium
cp "$project/fixtures/configs/healthy.yaml" pomerium/config.yaml
echo "nothing: of Pomerium" >other.yaml
git add .

run() {
  local hook=$1 expected=$2 config=$3 code=0
  git add .
  pre-commit try-repo "$project" "$hook" --all-files >"$log" 2>&1 || code=$?
  # pre-commit gives 1 for a hook that failed; pomlint says why.
  if [[ $code -ne $expected ]]; then
    echo "hook $hook with $config: expected exit code $expected, and not $code" >&2
    cat "$log" >&2
    exit 1
  fi
  echo "hook $hook, $config: exit code $code"
}

for hook in "${hooks[@]}"; do
  run "$hook" 0 "a good configuration"
  cp pomerium/config.yaml ../good
  sed 's,^idp_provider_url: .*,idp_provider_url: https://acme.auth.eu-west-1.amazoncognito.com,' ../good >pomerium/config.yaml
  run "$hook" 1 "the login domain in the issuer's place"
  grep --quiet 'issuer-is-login-domain' "$log"
  mv ../good pomerium/config.yaml
done
