# shellcheck shell=bash
# An identity provider for the tests, from its Go module, in an image of its own. It is no stand-in for a public image.

IDENTITY_IMAGE_HERE="$LOCAL_IMAGES/identity:1"

identity_inputs() { digest "$SETUP"/identity/*; }

# Each module is checked against go.sum, whether or not Go's checksum database answers.
build_identity_image() {
  local context
  context=$(mktemp -d)
  CGO_ENABLED=0 GOWORK=off go -C "$SETUP/identity" build -v -mod=readonly -trimpath -ldflags '-s -w' -o "$context/identity" .
  build_image "$IDENTITY_IMAGE_HERE" "$(identity_inputs)" "$SETUP/identity/Dockerfile" "$context"
  rm -rf "$context"
}

setup_identity() {
  if ! is_current "$IDENTITY_IMAGE_HERE" "$(identity_inputs)"; then
    need_go "the identity provider of the tests"
    step "image $IDENTITY_IMAGE_HERE: building it from its Go module" build_identity_image
  fi
  found "image $IDENTITY_IMAGE_HERE"
  put_env IDENTITY_IMAGE "$IDENTITY_IMAGE_HERE"
}
