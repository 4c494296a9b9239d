#!/usr/bin/env bash
# npm run destroy [-- STACK... OPTIONS]: removes all that `npm run deploy` made, but not the set-up.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/setup/lib.sh"
prepare deploy
cdktf destroy --auto-approve "${CDKTF_FLAGS[@]}" "$@"
