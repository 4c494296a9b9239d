# shellcheck shell=bash
# h2spec, which asks a server for all that HTTP/2 demands, built from its Go module.

H2SPEC_VERSION=2.2.1 # as in h2spec/go.mod; the program still calls itself 2.0.0
H2SPEC_BINARY="$CACHE/h2spec/$H2SPEC_VERSION/h2spec"

# Each module is checked against go.sum, whether or not Go's checksum database answers.
build_h2spec() {
  mkdir -p "$(dirname "$H2SPEC_BINARY")"
  CGO_ENABLED=0 GOWORK=off go -C "$SETUP/h2spec" build -v -mod=readonly -trimpath -ldflags '-s -w' \
    -o "$H2SPEC_BINARY.new" github.com/summerwind/h2spec/cmd/h2spec
  "$H2SPEC_BINARY.new" --version
  mv "$H2SPEC_BINARY.new" "$H2SPEC_BINARY"
}

setup_h2spec() {
  if [[ ! -x $H2SPEC_BINARY ]]; then
    need_go "h2spec"
    step "h2spec $H2SPEC_VERSION: building it from its Go module" build_h2spec
  fi
  found "h2spec $H2SPEC_VERSION"
  put_env H2SPEC "$H2SPEC_BINARY"
}
