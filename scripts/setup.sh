#!/usr/bin/env bash
# Sets up all that is missing on this machine; does nothing where all is there.
#   scripts/setup.sh deploy   what `npm run deploy` needs (default)
#   scripts/setup.sh test     that, and what `npm test` needs
#   scripts/setup.sh attack   what `npm run test:attack` needs
#   scripts/setup.sh synth    the npm packages alone
# The result is $CACHE/env.MODE (see setup/lib.sh). The ordinary way comes first everywhere: npm, the
# Terraform Registry, Docker Hub. What does not answer is replaced, and that is said.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/setup/lib.sh"
for part in node terraform docker provider envoy third-party-configs images ratelimit opentofu h2spec sslyze identity-provider cdktn attack tools; do
  # shellcheck source=/dev/null
  source "$SETUP/$part.sh"
done

MODE=${1:-deploy}
[[ $MODE =~ ^(deploy|test|attack|synth)$ ]] || die "unknown mode '$MODE'" "usage: scripts/setup.sh [deploy|test|attack|synth]"

lock_cache
setup_node
[[ $MODE != synth ]] || exit 0
if [[ $MODE == attack ]]; then
  setup_envoy_binaries
  setup_all_attack_backends
  write_env
  exit
fi
setup_terraform
setup_docker
setup_provider
setup_images
if [[ $MODE == test ]]; then
  setup_envoy_binaries
  setup_third_party_configs
  setup_ratelimit
  setup_opentofu
  setup_h2spec
  setup_sslyze
  setup_identity_provider
  setup_cdktn
  setup_attack_backends
  setup_test_tools
fi
write_env
