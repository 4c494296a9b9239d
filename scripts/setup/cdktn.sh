# shellcheck shell=bash
# cdktn, for the tests: its command with a Node.js that is new enough, from npm, and its bindings of the Docker provider,
# from the PyPI wheel that holds the npm package.

CDKTN_PROVIDER_VERSION=16.1.0 # as in wheels/cdktn-provider-docker.txt
CDKTN_PROVIDER_HERE="$CACHE/cdktn/provider-docker-$CDKTN_PROVIDER_VERSION.tgz"

fetch_cdktn_provider() {
  local folder
  folder=$(mktemp -d)
  python3 -m pip install --quiet --disable-pip-version-check --no-deps --no-compile --require-hashes \
    --only-binary=:all: --target "$folder" --requirement "$SETUP/wheels/cdktn-provider-docker.txt"
  mkdir -p "$(dirname "$CDKTN_PROVIDER_HERE")"
  mv "$folder/cdktn_provider_docker/_jsii/provider-docker@$CDKTN_PROVIDER_VERSION.jsii.tgz" "$CDKTN_PROVIDER_HERE"
  rm -rf "$folder"
}

# Each package is checked against package-lock.json. Install scripts build what only a terminal needs.
install_cdktn_cli() { # FOLDER
  local new
  mkdir -p "$CACHE/cdktn"
  new=$(mktemp -d "$CACHE/cdktn/new.XXXXXX")
  cp "$SETUP/cdktn/package.json" "$SETUP/cdktn/package-lock.json" "$new"
  npm --prefix "$new" ci --ignore-scripts --no-audit --no-fund
  mv "$new" "$1"
}

# Among the packages of the clone, where Node.js and TypeScript look for it. npm ci removes it.
unpack_cdktn_provider() {
  local folder="$ROOT/node_modules/@cdktn/provider-docker"
  [[ ! -e $folder/package.json ]] || return 0
  mkdir -p "$folder"
  # The last one out of the archive is not package.json: what was interrupted is unpacked again.
  tar -xzf "$CDKTN_PROVIDER_HERE" -C "$folder" --strip-components 1 --exclude package/package.json
  tar -xzf "$CDKTN_PROVIDER_HERE" -C "$folder" --strip-components 1 package/package.json
}

# CDKTN_CLI: the folder whose node_modules/.bin has `cdktn` and `node`. CDKTN_PROVIDER_DOCKER: the packed bindings.
setup_cdktn() {
  local folder
  folder="$CACHE/cdktn/cli-$(digest "$SETUP"/cdktn/*)"
  if [[ ! -e $CDKTN_PROVIDER_HERE ]]; then
    need_pip
    step "@cdktn/provider-docker $CDKTN_PROVIDER_VERSION: fetching it from PyPI" fetch_cdktn_provider
  fi
  [[ -d $folder ]] || step "cdktn-cli: installing it from npm" install_cdktn_cli "$folder"
  unpack_cdktn_provider
  found "cdktn-cli, @cdktn/provider-docker $CDKTN_PROVIDER_VERSION"
  put_env CDKTN_CLI "$folder"
  put_env CDKTN_PROVIDER_DOCKER "$CDKTN_PROVIDER_HERE"
}
