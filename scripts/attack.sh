#!/usr/bin/env bash
# npm run test:attack: thousands of spellings of denied paths and hosts, in front of each back end. Sets up what is missing.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/setup/lib.sh"
prepare attack
npx jest --selectProjects attack "$@"
