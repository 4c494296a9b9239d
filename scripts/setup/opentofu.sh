# shellcheck shell=bash
# OpenTofu, which the tests run beside Terraform: the one that is there, or else built from its Go module.

OPENTOFU_VERSION=1.12.6 # as in opentofu/go.mod
OPENTOFU_MINIMUM=1.8.0  # `tofu test` with mock_provider
OPENTOFU_BINARY="$CACHE/opentofu/$OPENTOFU_VERSION/tofu"

opentofu_version() { "$1" version 2>/dev/null | sed -n 's/^OpenTofu v//p'; } # BINARY

# Each module is checked against go.sum, whether or not Go's checksum database answers.
build_opentofu() {
  mkdir -p "$(dirname "$OPENTOFU_BINARY")"
  # -v only gives the heartbeat something to show. Without `dev=no` it calls itself a development version.
  CGO_ENABLED=0 GOWORK=off go -C "$SETUP/opentofu" build -v -mod=readonly -trimpath \
    -ldflags '-s -w -X github.com/opentofu/opentofu/version.dev=no' \
    -o "$OPENTOFU_BINARY.new" github.com/opentofu/opentofu/cmd/tofu
  [[ "$(opentofu_version "$OPENTOFU_BINARY.new")" == "$OPENTOFU_VERSION" ]]
  mv "$OPENTOFU_BINARY.new" "$OPENTOFU_BINARY"
}

setup_opentofu() {
  local version
  if have tofu; then
    version=$(opentofu_version tofu)
    if version_at_least "$OPENTOFU_MINIMUM" "${version:-0}"; then
      found "OpenTofu $version"
      put_env TOFU tofu
      return
    fi
    note "OpenTofu ${version:-of an unknown version} is too old for the tests, which need $OPENTOFU_MINIMUM"
  fi
  if [[ -x $OPENTOFU_BINARY ]]; then
    found "OpenTofu $OPENTOFU_VERSION, built from source"
  else
    need_go "OpenTofu"
    step "OpenTofu $OPENTOFU_VERSION: building it from its Go module (some minutes)" build_opentofu
  fi
  put_env TOFU "$OPENTOFU_BINARY"
}
