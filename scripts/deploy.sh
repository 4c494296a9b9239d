#!/usr/bin/env bash
# npm run deploy [-- STACK... OPTIONS]: sets up what is missing, deploys, and asks the API through Envoy.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/setup/lib.sh"
prepare deploy

outputs=$(mktemp --suffix .json)
trap 'rm -f "$outputs"' EXIT
if ! cdktf deploy --auto-approve --outputs-file "$outputs" "${CDKTF_FLAGS[@]}" "$@"; then
  bash scripts/show-unhealthy.sh
  exit 1
fi
node scripts/smoke-test.mjs "$outputs" /health /calculate
say $'\nTo see what a change would replace: npm run plan\nTo remove all of it: npm run destroy'
