# shellcheck shell=bash
# Node, and the packages of package-lock.json.

NODE_MINIMUM=20.9.0

setup_node() {
  local version
  { have node && have npm; } || die "Node.js is missing" "install Node.js >= $NODE_MINIMUM with npm: https://nodejs.org/en/download"
  version=$(node --version)
  version_at_least "$NODE_MINIMUM" "${version#v}" || die "Node.js $version is too old" "install Node.js >= $NODE_MINIMUM: https://nodejs.org/en/download"
  # npm writes this file at the end of each install.
  if [[ "$ROOT/node_modules/.package-lock.json" -ot "$ROOT/package-lock.json" ]]; then
    step "npm packages: npm ci" npm --prefix "$ROOT" ci --no-audit --no-fund
  else
    found "Node.js $version, npm packages"
  fi
}
