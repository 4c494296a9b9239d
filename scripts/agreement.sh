#!/usr/bin/env bash
# npm run test:agreement: our check beside the real Envoy, on very many configurations. Sets up what is missing.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/setup/lib.sh"
prepare test
node --import tsx scripts/agreement.ts "$@"
