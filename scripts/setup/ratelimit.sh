# shellcheck shell=bash
# The service that counts for several sidecars, `envoyproxy/ratelimit`, built from the Go module that
# `third-party-configs/go.mod` names, and the Redis that it counts in, a Debian package.

# What the construct runs; RATELIMIT_TAG is the commit of that module.
RATELIMIT_TAG=3fb70258
REDIS_TAG=7.2-alpine

ratelimit_binary() { printf '%s\n' "$CACHE/ratelimit/$RATELIMIT_TAG/ratelimit"; }

build_ratelimit() {
  local binary source
  binary=$(ratelimit_binary)
  GOWORK=off GOFLAGS=-mod=readonly go -C "$SETUP/third-party-configs" mod download github.com/envoyproxy/ratelimit
  source=$(GOWORK=off go -C "$SETUP/third-party-configs" list -m -f '{{.Dir}}' github.com/envoyproxy/ratelimit)
  mkdir -p "$(dirname "$binary")"
  # Without the libraries of this machine, for an image that has none.
  GOWORK=off GOFLAGS=-mod=readonly CGO_ENABLED=0 go -C "$source" build -trimpath -ldflags='-s -w' \
    -o "$binary.new" ./src/service_cmd
  # Last, so that what is there is whole.
  mv "$binary.new" "$binary"
}

need_ratelimit_binary() {
  [[ ! -x $(ratelimit_binary) ]] || return 0
  need_go "the rate limit service"
  step "rate limit service: building it" build_ratelimit
}

# Debian and Ubuntu have the server in the package of the tools, under another of its names, and a service that they
# would start in a package of its own.
setup_redis() {
  local server=$CACHE/redis/redis-server
  if ! have redis-server && [[ ! -x /usr/bin/redis-check-rdb ]]; then
    need_packages "Redis" redis-tools
    step "Redis: installing the package redis-tools" apt_install redis-tools
  fi
  mkdir -p "$CACHE/redis"
  ln -sf "$(command -v redis-server || printf /usr/bin/redis-check-rdb)" "$server"
  found "$("$server" --version | cut -d ' ' -f 1-3)"
  put_env REDIS_SERVER "$server"
}

ratelimit_inputs() { digest "$SETUP/images/ratelimit.Dockerfile" "$SETUP/third-party-configs/go.mod" "$SETUP/third-party-configs/go.sum"; }
redis_inputs() { digest "$SETUP/images/redis.sh"; }

build_ratelimit_image() { # IMAGE
  build_image "$1" "$(ratelimit_inputs)" "$SETUP/images/ratelimit.Dockerfile" "$(dirname "$(ratelimit_binary)")"
}

setup_ratelimit_images() {
  choose_image RATELIMIT_IMAGE "envoyproxy/ratelimit:$RATELIMIT_TAG" "$LOCAL_IMAGES/ratelimit:$RATELIMIT_TAG" "$(ratelimit_inputs)"
  if [[ $NEEDS_BUILD == yes ]]; then
    need_ratelimit_binary
    step "image $IMAGE: building it" build_ratelimit_image "$IMAGE"
  fi
  [[ $IMAGE == envoyproxy/* ]] || put_env RATELIMIT_IMAGE "$IMAGE"

  choose_image REDIS_IMAGE "redis:$REDIS_TAG" "$LOCAL_IMAGES/redis:7" "$(redis_inputs)"
  if [[ $NEEDS_BUILD == yes ]]; then
    need_mmdebstrap
    step "image $IMAGE: a small Debian with Redis" build_debian "$IMAGE" "$(redis_inputs)" "$SETUP/images/redis.sh"
  fi
  [[ $IMAGE == redis:* ]] || put_env REDIS_IMAGE "$IMAGE"
}

setup_ratelimit() {
  need_ratelimit_binary
  found "rate limit service $RATELIMIT_TAG"
  put_env RATELIMIT "$(ratelimit_binary)"
  setup_redis
  setup_ratelimit_images
}
