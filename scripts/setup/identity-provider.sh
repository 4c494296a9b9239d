# shellcheck shell=bash
# The identity provider of the tests: an image, built from its Go module. No public image has it.

IDENTITY_PROVIDER_IMAGE="$LOCAL_IMAGES/identity:1"

identity_provider_inputs() { digest "$SETUP"/identity-provider/*; }

# Each module is checked against go.sum, whether or not Go's checksum database answers.
build_identity_provider_image() {
  local context
  context=$(mktemp -d)
  CGO_ENABLED=0 GOWORK=off go -C "$SETUP/identity-provider" build -v -mod=readonly -trimpath -ldflags '-s -w' -o "$context/identity" .
  build_image "$IDENTITY_PROVIDER_IMAGE" "$(identity_provider_inputs)" "$SETUP/identity-provider/Dockerfile" "$context"
  rm -rf "$context"
}

setup_identity_provider() {
  if ! is_current "$IDENTITY_PROVIDER_IMAGE" "$(identity_provider_inputs)"; then
    need_go "the identity provider of the tests"
    step "image $IDENTITY_PROVIDER_IMAGE: building it from its Go module" build_identity_provider_image
  fi
  found "image $IDENTITY_PROVIDER_IMAGE"
  put_env IDENTITY_IMAGE "$IDENTITY_PROVIDER_IMAGE"
}
