#!/usr/bin/env bash
# npm run plan [-- STACK OPTIONS]: what a deploy would change.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/setup/lib.sh"
prepare deploy
cdktf diff "${CDKTF_FLAGS[@]}" "$@"
