import type { ProxyFile } from '../envoy/fragment';
import { CONFIG_FOLDER } from '../envoy/names';

/**
 * What runs around Envoy on Docker, where nobody else drains it, watches its namespace or asks whether it is ready. It is bash, since
 * Envoy's image has that and neither curl nor wget.
 */
export const CHECK = `${CONFIG_FOLDER}/check.sh`;
export const RUN = `${CONFIG_FOLDER}/run.sh`;
export const READY = `${CONFIG_FOLDER}/ready.sh`;

/** Once, before a generation starts: Envoy reads its configuration, and the pod is there to be joined. */
const check = `#!/bin/bash
# check.sh POD ENVOY_ARGUMENTS...: POD is the host name under which the pod holder can be found, or '-'
pod=$1
shift
envoy "$@" --mode validate || exit 1
for ((i = 0; i < 60; i++)); do
  [[ $pod == - ]] || getent hosts "$pod" > /dev/null && exit 0
  sleep 0.5
done
echo "the pod holder $pod did not start within 30 s"
exit 2
`;

/** For as long as a generation lives. */
const run = `#!/bin/bash
# run.sh ADMIN_ADDRESS ADMIN_PORT DRAIN_SECONDS LAST_SECONDS ENVOY_ARGUMENTS...
admin_address=$1 admin_port=$2 drain=$3 last=$4
shift 4

ask() { # METHOD PATH: the answer of Envoy's admin interface
  exec 3<> "/dev/tcp/$admin_address/$admin_port" || return
  printf '%s %s HTTP/1.1\\r\\nHost: admin\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n' "$1" "$2" >&3
  cat <&3
  exec 3>&-
}

active() { # whether a request is still being answered
  ask GET '/stats?filter=ingress_http.downstream_rq_active' | grep -q 'downstream_rq_active: [1-9]'
}

# Envoy ends at once on SIGTERM. So first it serves on and asks clients to come back on a new connection, which the
# next generation takes; then requests that are still being answered get their time.
stop() {
  trap '' TERM INT
  ask POST '/drain_listeners?graceful' > /dev/null
  sleep "$drain"
  for ((i = 0; i < last; i++)); do
    active || break
    sleep 1
  done
  kill -TERM "$envoy" 2> /dev/null
}

envoy "$@" &
envoy=$!
trap stop TERM INT

# A pod holder that died and came back has a new network namespace. Whoever joined the old one has only the loopback
# device left and can be reached by nobody. Envoy is ended then, and Docker's restart policy joins the new one.
while kill -0 "$envoy" 2> /dev/null; do
  if ! tail -n +3 /proc/net/dev | grep -qv '^ *lo:'; then
    echo 'the network namespace is gone: ending Envoy, to join the new one' >&2
    kill -KILL "$envoy"
  fi
  sleep 0.5 &
  wait "$!"
done
wait "$envoy"
`;

/** Docker's health check. */
const ready = `#!/bin/bash
# ready.sh ADMIN_ADDRESS ADMIN_PORT: whether Envoy serves
exec 3<> "/dev/tcp/$1/$2"
printf 'GET /ready HTTP/1.1\\r\\nHost: admin\\r\\nConnection: close\\r\\n\\r\\n' >&3
read -r _ status _ <&3
[[ $status == 200 ]]
`;

export const SCRIPTS: readonly ProxyFile[] = [
  { path: CHECK, content: check },
  { path: RUN, content: run },
  { path: READY, content: ready },
];
