#!/usr/bin/env bash
# npm test: sets up what is missing, runs every check, and ends with the line `N passed, N failed`.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/setup/lib.sh"

passed=0
failed=0
summary=()

record() { # NAME PASSED FAILED SECONDS
  passed=$((passed + $2))
  failed=$((failed + $3))
  local mark='✓'
  (($3 == 0)) || mark='✗'
  summary+=("$(printf '%s %-12s %4d passed %4d failed %5d s' "$mark" "$1" "$2" "$3" "$4")")
}

finish() {
  printf '\n'
  printf '%s\n' "${summary[@]}"
  printf '\n%d passed, %d failed\n' "$passed" "$failed"
  ((failed == 0 && passed > 0)) || exit 1
  exit 0
}

# One that passes or fails as a whole.
check() { # NAME COMMAND...
  local name=$1 start=$SECONDS
  shift
  printf '\n── %s\n' "$name"
  if "$@" </dev/null; then record "$name" 1 0 $((SECONDS - start)); else record "$name" 0 1 $((SECONDS - start)); fi
}

jest() { # PROJECT
  local report status=0 start=$SECONDS counts
  report=$(mktemp --suffix .json)
  printf '\n── jest %s\n' "$1"
  npx jest --selectProjects "$1" --ci --json --outputFile="$report" </dev/null >/dev/null || status=$?
  read -ra counts <<<"$(node scripts/count-jest.mjs "$report" "$status")"
  rm -f "$report"
  record "jest $1" "${counts[0]}" "${counts[1]}" $((SECONDS - start))
}

start=$SECONDS
if ! bash "$ROOT/scripts/setup.sh" test; then
  record set-up 0 1 $((SECONDS - start))
  finish
fi
prepare test >/dev/null

mapfile -t scripts < <(find scripts -name '*.sh' | sort)
check types npx tsc --noEmit
check 'types, cdktn' npx tsc --noEmit -p tsconfig.cdktn.json
check biome npx biome ci .
check imports npx depcruise --config .dependency-cruiser.cjs envoy lib cli
check shellcheck shellcheck --external-sources --source-path=SCRIPTDIR .ci/run "${scripts[@]}"
check 'benchmarks work' bash -c 'npm run --silent bench -- --smoke && npm run --silent bench:check -- --smoke'
jest unit
jest tarball
jest cdktn
jest terraform
jest live
jest agreement
jest deploy
jest engine
finish
