# shellcheck shell=bash
# What every script here shares: where the cache is, how a step is shown, how packages are had.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
# shellcheck disable=SC2034 # used by the parts of the set-up
SETUP="$ROOT/scripts/setup"
CACHE=${CDKTF_ENVOY_SIDECAR_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/cdktf-envoy-sidecar}
# What differs here from the ordinary way, for MODE: `env.deploy` or `env.test`.
env_file() { say "$CACHE/env.$1"; }

say() { printf '%s\n' "$*"; }
have() { command -v "$1" >/dev/null 2>&1; }

die() {
  printf '\n✗ %s\n' "$1" >&2
  shift
  (($# == 0)) || printf '  %s\n' "$@" >&2
  exit 1
}

# What is there already, or a note that explains a choice.
found() { say "✓ $*"; }
note() { say "  $*"; }

# Two set-ups at once would build the same files. Descriptor 9 holds the lock until the script ends;
# whatever is started to outlive it has to close 9.
lock_cache() {
  mkdir -p "$CACHE/log"
  exec 9>"$CACHE/lock"
  if ! flock --nonblock 9; then
    say "… waiting for another set-up that uses $CACHE"
    flock 9
  fi
}

# A sign of life after 5 s, then each 10 s: the time so far and the last line of the output. A `sleep`
# outlives the heartbeat for some seconds and must not keep a pipe open that the script writes to.
heartbeat() {
  local log=$1 shown=5 line
  sleep 5 >/dev/null 2>&1
  while kill -0 "$$" 2>/dev/null; do
    line=$(tail -c 400 "$log" | tr '\r' '\n' | grep -v '^[[:space:]]*$' | tail -n 1 | cut -c 1-100) || line=''
    say "    ${shown} s${line:+  $line}"
    sleep 10 >/dev/null 2>&1
    shown=$((shown + 10))
  done
}

# try TITLE COMMAND...: runs it with its output in a log and sets STATUS; LOG is that log.
# Not inside a condition: bash would switch off `set -e` in all that the command does.
try() {
  local title=$1 start=$SECONDS beat
  shift
  LOG="$CACHE/log/$(tr -cs 'A-Za-z0-9.\n' '-' <<<"$title" | cut -c 1-60).log"
  say "▸ $title"
  : >"$LOG"
  heartbeat "$LOG" 9>&- &
  beat=$!
  set +e
  (
    set -e
    "$@"
  ) >"$LOG" 2>&1 </dev/null
  STATUS=$?
  set -e
  kill "$beat" 2>/dev/null || true
  wait "$beat" 2>/dev/null || true
  ((STATUS != 0)) || say "  done in $((SECONDS - start)) s"
}

# step TITLE COMMAND...: the same, and the set-up ends when it fails.
step() {
  try "$@"
  ((STATUS == 0)) && return
  printf '\n' >&2
  tail -n 20 "$LOG" | sed 's/^/  | /' >&2
  die "failed: $1" "the whole output: $LOG"
}

# begins_within SECONDS PATTERN COMMAND...: for use inside `try`. Ends the command when its output does
# not show PATTERN in time, and lets it take as long as it needs when it does. So a network that swallows
# packets costs seconds, and a slow download is not cut off.
begins_within() {
  local limit=$1 pattern=$2 pid i
  shift 2
  "$@" 9>&- &
  pid=$!
  for ((i = 0; i < limit * 5; i++)); do
    kill -0 "$pid" 2>/dev/null || break
    ! grep -q -- "$pattern" "$LOG" || break
    sleep 0.2
  done
  if kill -0 "$pid" 2>/dev/null && ! grep -q -- "$pattern" "$LOG"; then
    kill -KILL "$pid" 2>/dev/null || true
    say "no answer within $limit s"
  fi
  wait "$pid"
}

# need_packages WHAT PACKAGE...: ends with the command that gets them when this script can't.
need_packages() {
  local what=$1
  shift
  have apt-get || die "$what is missing" "install it, then run this again (on Debian or Ubuntu: apt-get install $*)"
  ((EUID == 0)) || die "$what is missing, and installing it needs root" "sudo apt-get install --no-install-recommends $*"
}

apt_install() {
  local options=(-y --no-install-recommends -o DPkg::Lock::Timeout=300)
  export DEBIAN_FRONTEND=noninteractive
  # A fresh machine has no package lists, an old one has lists of versions that are gone.
  apt-get install "${options[@]}" "$@" || {
    apt-get update
    apt-get install "${options[@]}" "$@"
  }
}

# version_at_least MINIMUM VERSION
version_at_least() { [[ "$(printf '%s\n' "$1" "$2" | sort -V | head -n 1)" == "$1" ]]; }

GO_MINIMUM=1.21.0 # from here on Go fetches by itself the newer release that go.mod asks for
need_go() { # WHAT
  local version how="install Go >= $GO_MINIMUM: https://go.dev/doc/install"
  have go || die "Go is missing, and building $1 needs it" "$how"
  version=$(cd / && GOTOOLCHAIN=local go env GOVERSION)
  version_at_least "$GO_MINIMUM" "${version#go}" || die "Go $version is too old to build $1" "$how"
}

# Changes with the content of the files, so that what was made from them is made again.
digest() { sha256sum "$@" | cut -d ' ' -f 1 | sha256sum | cut -c 1-16; }

# ---- the result: `export` lines that tell the other scripts and the tests what differs here
ENV_LINES=()
put_env() { ENV_LINES+=("export $1=$(quote "$2")"); }
quote() { printf "'%s'" "${1//\'/\'\\\'\'}"; }

write_env() {
  local new
  new=$(mktemp "$CACHE/env.XXXXXX")
  {
    say "# Written by scripts/setup.sh. What differs here from the ordinary way."
    ((${#ENV_LINES[@]} == 0)) || printf '%s\n' "${ENV_LINES[@]}"
  } >"$new"
  mv "$new" "$(env_file "$MODE")"
}

# prepare MODE: what every command does first. CDKTF_FLAGS is what it hands to cdktf.
prepare() {
  cd "$ROOT"
  bash scripts/setup.sh "$1"
  local file
  file=$(env_file "${1/synth/deploy}")
  if [[ -e $file ]]; then
    # shellcheck source=/dev/null
    source "$file"
  fi
  # shellcheck disable=SC2034 # used by the commands
  read -ra CDKTF_FLAGS <<<"${CDKTF_DEPLOY_FLAGS:-}"
}

# Without a terminal cdktf's spinner would fill the log; its progress is shown all the same.
cdktf() { if [[ -t 1 ]]; then npx cdktf "$@"; else CI=1 npx cdktf "$@"; fi; }
