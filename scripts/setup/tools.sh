# shellcheck shell=bash
# What only the tests use.

setup_test_tools() {
  local missing=()
  have shellcheck || missing+=(shellcheck)
  have slowhttptest || missing+=(slowhttptest)
  has_compose || missing+=("$(compose_package)")
  if ((${#missing[@]} > 0)); then
    need_packages "${missing[*]}" "${missing[@]}"
    step "test tools: installing ${missing[*]}" apt_install "${missing[@]}"
  fi
  if [[ -z $(browser_command) ]]; then
    need_packages "Chromium or Google Chrome" chromium
    step "test tools: installing chromium (or install Google Chrome yourself)" apt_install chromium
  fi
  found "shellcheck, slowhttptest, $(compose_command), $(browser_command)"
  put_env COMPOSE "$(compose_command)"
  put_env CHROMIUM "$(browser_command)"
}

# The plugin, or the older command of its own.
compose_command() { if docker compose version >/dev/null 2>&1; then say "docker compose"; else say docker-compose; fi; }
has_compose() { docker compose version >/dev/null 2>&1 || have docker-compose; }
# Ubuntu's name for the maintained one; Debian has only the other.
compose_package() { if apt-cache show docker-compose-v2 >/dev/null 2>&1; then say docker-compose-v2; else say docker-compose; fi; }
# Ubuntu has no such package, so whatever of its kind is there will do.
browser_command() {
  local name
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    if have "$name"; then say "$name" && return; fi
  done
}
