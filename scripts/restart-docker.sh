#!/usr/bin/env bash
# Restarts this machine's Docker Engine, as an upgrade of its package would. The deploy tests do it, to see that all
# comes back.
set -euo pipefail

source "$(dirname "${BASH_SOURCE[0]}")/setup/lib.sh"
# shellcheck source=/dev/null
source "$SETUP/docker.sh"

case ${DOCKER_HOST:-} in
  '' | unix://*) ;;
  *) die "the Docker Engine at DOCKER_HOST=$DOCKER_HOST is not on this machine" "unset DOCKER_HOST" ;;
esac
if [[ -d /run/systemd/system ]]; then
  systemctl restart docker
else
  is_running "$DOCKER_PID_FILE" dockerd || die "no Docker Engine runs here" "bash scripts/setup.sh"
  pid=$(cat "$DOCKER_PID_FILE")
  kill "$pid"
  while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
  mkdir -p "$CACHE/log"
fi
start_engine 9>/dev/null
