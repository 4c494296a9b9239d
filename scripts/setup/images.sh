# shellcheck shell=bash
# The images: there already, or from Docker Hub, or else stand-ins built here. A stand-in is never
# named like the public image that it isn't.

LOCAL_IMAGES=localhost/cdktf-envoy-sidecar
BASE_IMAGE="$LOCAL_IMAGES/base:bookworm"
INPUTS_LABEL=cdktf-envoy-sidecar.inputs

# Set by the first pull: when one fails, the next image isn't tried.
HUB_ANSWERS=unknown

has_image() { docker image inspect --format '{{.Id}}' "$1" >/dev/null 2>&1; }

is_current() { # IMAGE INPUTS
  [[ "$(docker image inspect --format "{{index .Config.Labels \"$INPUTS_LABEL\"}}" "$1" 2>/dev/null)" == "$2" ]]
}

base_inputs() { digest "$SETUP/images/base.sh"; }
envoy_inputs() { digest "$SETUP/images/base.sh" "$SETUP/images/envoy.Dockerfile" "$SETUP/wheels/envoy-$1.txt"; }
api_inputs() { digest "$SETUP/images/base.sh" "$SETUP/images/fastapi.Dockerfile" "$SETUP/wheels/fastapi.txt"; }

build_debian() { # IMAGE INPUTS SCRIPT
  local archive
  archive=$(mktemp --suffix .tar)
  bash "$3" "$archive"
  docker import --change "LABEL $INPUTS_LABEL=$2" "$archive" "$1"
  rm -f "$archive"
}

need_mmdebstrap() {
  if ! have mmdebstrap || [[ ! -e /usr/share/keyrings/debian-archive-keyring.gpg ]]; then
    need_packages "mmdebstrap" mmdebstrap debian-archive-keyring
    step "images: installing the package mmdebstrap" apt_install mmdebstrap debian-archive-keyring
  fi
}

need_base() {
  ! is_current "$BASE_IMAGE" "$(base_inputs)" || return 0
  need_mmdebstrap
  step "base image: a small Debian" build_debian "$BASE_IMAGE" "$(base_inputs)" "$SETUP/images/base.sh"
}

build_image() { # IMAGE INPUTS DOCKERFILE CONTEXT
  # Debian's docker.io comes without buildx, and then only the older builder works.
  docker buildx version >/dev/null 2>&1 || export DOCKER_BUILDKIT=0
  docker build --label "$INPUTS_LABEL=$2" --build-arg "BASE=$BASE_IMAGE" --tag "$1" --file "$3" "$4"
}

build_envoy_image() { # VERSION IMAGE
  build_image "$2" "$(envoy_inputs "$1")" "$SETUP/images/envoy.Dockerfile" "$(dirname "$(envoy_binary "$1")")"
}

build_api_image() { # IMAGE
  local context
  context=$(mktemp -d)
  # The files have to be readable by whatever user the container runs as.
  (umask 022 && unpack_wheels "$SETUP/wheels/fastapi.txt" "$context/packages")
  rm -rf "$context/packages/bin" # scripts that name the Python of this machine
  build_image "$1" "$(api_inputs)" "$SETUP/images/fastapi.Dockerfile" "$context"
  rm -rf "$context"
}

# choose_image VARIABLE PUBLIC STAND_IN INPUTS: sets IMAGE to what is used, and NEEDS_BUILD.
choose_image() {
  local variable=$1 public=$2 stand_in=$3 inputs=$4 wanted
  # A choice of the user's own is theirs; the stand-in is named there by the file that an earlier set-up wrote.
  wanted=${!variable:-$public}
  [[ $wanted != "$stand_in" ]] || wanted=$public
  IMAGE=$wanted NEEDS_BUILD=no
  if has_image "$wanted"; then
    found "image $wanted"
    return
  fi
  if [[ $wanted != "$public" ]]; then
    step "image $wanted: pulling it, as $variable says" docker pull "$wanted"
    return
  fi
  IMAGE=$stand_in
  if is_current "$stand_in" "$inputs"; then
    found "image $stand_in, built here in place of $public (Docker Hub did not answer)"
    note "to ask Docker Hub again: docker rmi $stand_in"
    return
  fi
  if [[ $HUB_ANSWERS != no ]]; then
    IMAGE=$public
    try "image $public: pulling it" begins_within 15 'Pulling from' docker pull "$public"
    ((STATUS != 0)) || return 0
    HUB_ANSWERS=no
    note "Docker Hub can't be used here ($LOG says why): building stand-ins named $LOCAL_IMAGES/... instead"
  fi
  IMAGE=$stand_in NEEDS_BUILD=yes
}

newest_patch() { # MINOR: the one that the library knows, which can be newer than the binary of a stand-in
  sed -n "s/^  '$1': '\(.*\)',\$/\1/p" "$SETUP/../../envoy/messages/schema/envoy-patches.ts"
}

setup_envoy_image() { # VARIABLE VERSION: of the stand-in
  choose_image "$1" "envoyproxy/envoy:v$(newest_patch "${2%.*}")" "$LOCAL_IMAGES/envoy:v$2" "$(envoy_inputs "$2")"
  if [[ $NEEDS_BUILD == yes ]]; then
    need_base
    need_envoy_binary "$2"
    step "image $IMAGE: building it" build_envoy_image "$2" "$IMAGE"
  fi
}

setup_images() {
  setup_envoy_image ENVOY_IMAGE "$ENVOY_VERSION"
  [[ $IMAGE == envoyproxy/* ]] || put_env ENVOY_IMAGE "$IMAGE"

  choose_image API_IMAGE tiangolo/uvicorn-gunicorn-fastapi:python3.11 "$LOCAL_IMAGES/fastapi:1" "$(api_inputs)"
  if [[ $NEEDS_BUILD == yes ]]; then
    need_base
    need_pip
    step "image $IMAGE: building it" build_api_image "$IMAGE"
  fi
  [[ $IMAGE == tiangolo/* ]] || put_env API_IMAGE "$IMAGE"

  [[ $MODE == test ]] || return 0
  # The tests upgrade from one Envoy to the next.
  setup_envoy_image ENVOY_IMAGE_NEXT "$ENVOY_VERSION_NEXT"
  put_env ENVOY_IMAGE_NEXT "$IMAGE"
}
