# shellcheck shell=bash
# A Docker Engine that answers: the one that is there, or Debian's, started here.

DOCKER_PID_FILE=/var/run/docker.pid

engine_version() { docker version --format '{{.Server.Version}}' 2>/dev/null; }

engine_answers() { engine_version >/dev/null; }

is_running() { # PID_FILE NAME
  local pid
  pid=$(cat "$1" 2>/dev/null) || return 1
  [[ -n $pid && "$(cat "/proc/$pid/comm" 2>/dev/null)" == "$2" ]]
}

# After a crash the pid may belong to anything by now, and dockerd won't start beside such a file.
remove_stale_pid_files() {
  is_running "$DOCKER_PID_FILE" dockerd || rm -f "$DOCKER_PID_FILE"
  local containerd=/var/run/docker/containerd/containerd.pid
  is_running "$containerd" containerd || rm -f "$containerd"
}

install_engine() {
  local packages=(docker.io iptables)
  # Where the kernel has AppArmor on, containers start only with its user-space part.
  ! grep -qs Y /sys/module/apparmor/parameters/enabled || packages+=(apparmor)
  apt_install "${packages[@]}"
  # Newer releases have the command in a package of its own.
  have docker || apt_install docker-cli
}

start_engine() {
  local daemon='' i
  [[ ! -d /run/systemd/system ]] || systemctl start docker
  for ((i = 0; i < 300; i++)); do
    ! engine_answers || return 0
    if [[ -n $daemon ]]; then
      kill -0 "$daemon" 2>/dev/null || break
    elif [[ ! -d /run/systemd/system ]] && ! is_running "$DOCKER_PID_FILE" dockerd; then
      # Not before another one is gone: it may be on its way down.
      remove_stale_pid_files
      # A session of its own, no terminal and not our lock: it outlives this script.
      setsid nohup dockerd >>"$CACHE/log/dockerd.log" 2>&1 </dev/null 9>&- &
      daemon=$!
    fi
    sleep 0.2
  done
  say "the engine does not answer; its own log: $CACHE/log/dockerd.log (where systemd runs: journalctl -u docker)"
  tail -n 15 "$CACHE/log/dockerd.log" 2>/dev/null || true
  return 1
}

setup_docker() {
  if have docker && engine_answers; then
    found "Docker Engine $(engine_version)"
    how_to_stop
    return
  fi
  case ${DOCKER_HOST:-} in
    '' | unix:///var/run/docker.sock | unix:///run/docker.sock) ;;
    *) die "no Docker Engine answers at DOCKER_HOST=$DOCKER_HOST" "start it, or unset DOCKER_HOST to use one on this machine; to see why: docker version" ;;
  esac
  if [[ -S /var/run/docker.sock && ! -w /var/run/docker.sock ]]; then
    die "you may not use the Docker Engine of this machine" "sudo usermod --append --groups docker $(id -un)   # then log in again"
  fi
  [[ $(uname -s) == Linux ]] || die "no Docker Engine answers" "start Docker Desktop (or any other engine), then run this again"
  if ! have dockerd || ! have docker || ! have iptables; then
    need_packages "Docker Engine" docker.io iptables
    step "Docker Engine: installing the packages docker.io and iptables" install_engine
  fi
  ((EUID == 0)) || die "the Docker Engine is not running, and starting it needs root" "sudo systemctl start docker   # or: sudo dockerd"
  step "Docker Engine: starting it" start_engine
  found "Docker Engine $(engine_version)"
  how_to_stop
}

# Only where no service manager has it in hand.
how_to_stop() {
  [[ ! -d /run/systemd/system && -z ${DOCKER_HOST:-} ]] || return 0
  ! is_running "$DOCKER_PID_FILE" dockerd || note "to stop it: kill \$(cat $DOCKER_PID_FILE)"
}
