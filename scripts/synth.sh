#!/usr/bin/env bash
# npm run synth [-- OPTIONS]: the Terraform configuration, in cdktf.out. Needs no Docker and no Terraform.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/setup/lib.sh"
prepare synth
cdktf synth "$@"
