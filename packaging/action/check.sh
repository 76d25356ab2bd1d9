#!/usr/bin/env bash
# Runs `pomlint check` with the inputs of the action.
#
# Input, by environment variables only, so that no text of a workflow is ever read as shell. CONFIG, ENV_FILE and ARGS hold one
# value a line: a space in a file name stays one.
set -euo pipefail

arguments=(check)

# Each line of TEXT becomes an argument, after FLAG if there is one.
add() {
  local flag=$1 line
  while IFS= read -r line; do
    line=${line%$'\r'}
    if [[ -n $line ]]; then arguments+=(${flag:+"$flag"} "$line"); fi
  done <<<"$2"
}

add --env-file "${INPUT_ENV_FILE:-}"
add --fail-on "${INPUT_FAIL_ON:-}"
add --format "${INPUT_FORMAT:-}"
if [[ -n ${INPUT_SARIF_FILE:-} ]]; then add --output "sarif=$INPUT_SARIF_FILE"; fi
add "" "${INPUT_ARGS:-}"
# A file whose name begins with a dash is a file.
arguments+=(--)
add "" "${INPUT_CONFIG:-}"

code=0
pomlint "${arguments[@]}" || code=$?
echo "exit-code=$code" >>"$GITHUB_OUTPUT"
exit "$code"
