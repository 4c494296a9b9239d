# shellcheck shell=bash
# The back ends of the tests that attack rules about paths and hosts. Their own few lines are in __tests__/attack/backends.

ATTACK_BACKENDS="$ROOT/__tests__/attack/backends"
ATTACK_CACHE="$CACHE/attack"

# put_whole FOLDER NEW: what is at FOLDER is whole.
put_whole() {
  mkdir -p "$(dirname "$1")"
  mv "$2" "$1"
}

# package-lock.json has the hash of each package.
install_attack_express() { # FOLDER
  local new
  new=$(mktemp -d)
  cp "$SETUP"/attack/express/package*.json "$new"
  npm --prefix "$new" ci --no-audit --no-fund
  put_whole "$1" "$new"
}

install_attack_python() { # FOLDER
  local new
  new=$(mktemp -d)
  python3 -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --only-binary=:all: \
    --target "$new" --requirement "$SETUP/wheels/attack.txt"
  put_whole "$1" "$new"
}

build_attack_go() { # FOLDER
  local new
  new=$(mktemp -d)
  CGO_ENABLED=0 GOWORK=off go -C "$ATTACK_BACKENDS/go" build -v -trimpath -o "$new/backend" .
  put_whole "$1" "$new"
}

build_attack_java() { # FOLDER
  local new
  new=$(mktemp -d)
  mvn --batch-mode --file "$SETUP/attack/java/pom.xml" dependency:copy-dependencies "-DoutputDirectory=$new/jars"
  (cd "$new/jars" && sha256sum --check --quiet "$SETUP/attack/java/SHA256SUMS")
  javac -cp "$new/jars/*" -d "$new/classes" "$ATTACK_BACKENDS"/java/*.java
  put_whole "$1" "$new"
}

# need_attack_part TITLE FOLDER COMMAND: makes it where it is missing.
need_attack_part() {
  [[ -d $2 ]] || step "$1" "$3" "$2"
  found "$1"
}

# What is quick to have, for `npm test`.
setup_attack_backends() {
  local express python go
  express="$ATTACK_CACHE/express-$(digest "$SETUP/attack/express/package-lock.json")"
  python="$ATTACK_CACHE/python-$(digest "$SETUP/wheels/attack.txt")-$(python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')"
  go="$ATTACK_CACHE/go-$(digest "$ATTACK_BACKENDS"/go/*)"
  need_pip
  need_go "a back end of the tests"
  need_attack_part "attacked back ends: Express, from npm" "$express" install_attack_express
  need_attack_part "attacked back ends: FastAPI and Flask, from PyPI" "$python" install_attack_python
  need_attack_part "attacked back ends: Go's own server" "$go" build_attack_go
  put_env ATTACK_EXPRESS "$express/node_modules"
  put_env ATTACK_PYTHON "$python"
  put_env ATTACK_GO "$go/backend"
}

# And all others, for `npm run test:attack`.
setup_all_attack_backends() {
  local missing=() java
  setup_attack_backends
  have php || missing+=(php-cli)
  have javac || missing+=(default-jdk-headless)
  have mvn || missing+=(maven)
  if ((${#missing[@]} > 0)); then
    need_packages "${missing[*]}" "${missing[@]}"
    step "attacked back ends: installing ${missing[*]}" apt_install "${missing[@]}"
  fi
  java="$ATTACK_CACHE/java-$(digest "$SETUP"/attack/java/* "$ATTACK_BACKENDS"/java/*)"
  need_attack_part "attacked back ends: Tomcat and Jetty, by Maven" "$java" build_attack_java
  found "attacked back ends: $(php --version | head -n 1)"
  put_env ATTACK_JAVA "$java/classes:$java/jars/*"
  put_env ATTACK_PHP php
}
