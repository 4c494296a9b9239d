# shellcheck shell=bash
# Configurations of Envoy that nobody here wrote, from the Go modules that carry them: they stay in Go's cache.

setup_outside() {
  local modules=(github.com/envoyproxy/go-control-plane github.com/envoyproxy/ratelimit) module folders=()
  need_go "the tests with configurations from outside"
  # Checked against go.sum, whether or not Go's checksum database answers.
  step "configurations from outside: two Go modules" \
    env GOWORK=off GOFLAGS=-mod=readonly go -C "$SETUP/outside" mod download "${modules[@]}"
  for module in "${modules[@]}"; do
    folders+=("$(GOWORK=off go -C "$SETUP/outside" list -m -f '{{.Dir}}' "$module")")
  done
  found "configurations from outside: ${modules[*]}"
  put_env OUTSIDE "$(IFS=: && say "${folders[*]}")"
}
