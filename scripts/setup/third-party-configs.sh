# shellcheck shell=bash
# Envoy configurations of other projects, from their Go modules. Go keeps them in its module cache.

setup_third_party_configs() {
  local modules=(github.com/envoyproxy/go-control-plane github.com/envoyproxy/ratelimit) module folders=()
  need_go "the tests of third-party configurations"
  # Checked against go.sum, whether or not Go's checksum database answers.
  step "third-party configurations: two Go modules" \
    env GOWORK=off GOFLAGS=-mod=readonly go -C "$SETUP/third-party-configs" mod download "${modules[@]}"
  for module in "${modules[@]}"; do
    folders+=("$(GOWORK=off go -C "$SETUP/third-party-configs" list -m -f '{{.Dir}}' "$module")")
  done
  found "third-party configurations: ${modules[*]}"
  put_env THIRD_PARTY_CONFIGS "$(IFS=: && say "${folders[*]}")"
}
