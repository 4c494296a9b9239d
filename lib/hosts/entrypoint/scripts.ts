import type { ProxySpec, TextFile } from '../../../envoy';
import { ADMIN_ADDRESS, CONFIG_FOLDER, DRAIN_PATH, STAT_PREFIX } from '../../../envoy/host-api';
import { NAMESPACE_ORPHANED_SH } from './orphaned-namespace';

/**
 * What runs around Envoy on Docker, where nobody else drains it, watches its namespace or asks whether it is ready. It is bash, since
 * Envoy's image has that and neither curl nor wget.
 */
export const INIT_SCRIPT = `${CONFIG_FOLDER}/check.sh`;
export const RUN_SCRIPT = `${CONFIG_FOLDER}/run.sh`;
export const READY_SCRIPT = `${CONFIG_FOLDER}/ready.sh`;
const STANDBY_SCRIPT = `${CONFIG_FOLDER}/standby.sh`;
/** Where the init container puts a copy of the revision's files for the standby. */
export const STANDBY_FOLDER = '/standby';

/** Requests that are still being answered when the drain is over get this long, as long as a request may take by default. */
export const IN_FLIGHT_SECONDS = 15;

/** Once, before a revision starts: Envoy reads its configuration, and the pod is there to be joined. */
const INIT_SH = `#!/bin/bash
# check.sh POD ADMIN_ADDRESS ENVOY_ARGUMENTS...: POD is the host name under which the pod holder can be found, or '-'
pod=$1 admin_address=$2
shift 2
# As whom Envoy runs, who may read a key in a mounted folder that root without capabilities may not.
setpriv --reuid 101 --regid 101 --clear-groups envoy "$@" --mode validate || exit 1
[[ $pod == - ]] && exit 0
while ((SECONDS < 30)); do
  # A name that isn't there yet may be asked for outside, where nobody answers.
  if timeout 1 getent hosts "$pod" > /dev/null; then
    # The standby's copy, with an admin address of its own.
    rm -rf ${STANDBY_FOLDER}/*
    cp -r ${CONFIG_FOLDER}/. ${STANDBY_FOLDER}
    sed -i "s/$admin_address/${ADMIN_ADDRESS}/g" ${STANDBY_FOLDER}/envoy.yaml
    exit 0
  fi
  sleep 0.5
done
echo "the pod holder $pod did not start within 30 s"
exit 2
`;

/** For as long as a revision lives. */
const RUN_SH = `#!/bin/bash
# run.sh ADMIN_ADDRESS ADMIN_PORT DRAIN_SECONDS LAST_SECONDS ENVOY_ARGUMENTS...
admin_address=$1 admin_port=$2 drain=$3 last=$4
shift 4

ask() { # METHOD PATH: the answer of Envoy's admin interface
  exec 3<> "/dev/tcp/$admin_address/$admin_port" || return
  printf '%s %s HTTP/1.1\\r\\nHost: admin\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n' "$1" "$2" >&3
  cat <&3
  exec 3>&-
}

${NAMESPACE_ORPHANED_SH}

active() { # whether a request is still being answered
  ask GET '/stats?filter=${STAT_PREFIX}.downstream_rq_active' | grep -q 'downstream_rq_active: [1-9]'
}

# Envoy ends at once on SIGTERM. So first it serves on and asks clients to come back on a new connection, which the
# next revision takes; then requests that are still being answered get their time.
stop() {
  trap '' TERM INT
  ask POST '${DRAIN_PATH}' > /dev/null
  # A second more: at the end of the drain Envoy closes its listeners, and only then nothing new can come.
  sleep "$((drain + 1))"
  for ((i = 0; i < last; i++)); do
    active || break
    sleep 1
  done
  kill -TERM "$envoy" 2> /dev/null
}

envoy "$@" &
envoy=$!
trap stop TERM INT

# A pod holder that died and came back has a new network namespace. Whoever joined the old one has no route left
# and can be reached by nobody. Envoy is ended then, and Docker's restart policy joins the new one.
while kill -0 "$envoy" 2> /dev/null; do
  if lost; then
    echo 'the network namespace is gone: ending Envoy, to join the new one' >&2
    kill -KILL "$envoy"
  fi
  sleep 0.5 &
  wait "$!"
done
wait "$envoy"
`;

/** Docker's health check. */
const READY_SH = `#!/bin/bash
# ready.sh ADMIN_ADDRESS ADMIN_PORT: whether Envoy serves
exec 3<> "/dev/tcp/$1/$2"
printf 'GET /ready HTTP/1.1\\r\\nHost: admin\\r\\nConnection: close\\r\\n\\r\\n' >&3
read -r _ status _ <&3
[[ $status == 200 ]]
`;

/**
 * What the pod holder runs for as long as it lives. It is short and never changes, since a changed pod holder interrupts: what it
 * does comes with each revision.
 */
export const HOLDER_COMMAND = `trap 'kill "$!" 2> /dev/null; wait; exit 0' TERM
while :; do
  if [[ -f ${STANDBY_SCRIPT} ]]; then bash ${STANDBY_SCRIPT} & else sleep 1 & fi
  wait "$!"
done`;

/**
 * Docker gives up on a container that it can't start, and it can't start one that joins a pod holder which isn't up yet: after
 * a restart of the engine (before Docker 29) revisions may stay down. The pod holder itself always comes back. So it looks
 * after the port, and runs Envoy with the newest configuration for as long as nobody else does.
 */
function toStandbyScript({ args, admin, drainSeconds, ports, concurrency }: ProxySpec): string {
  const port = (ports[0]?.port ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `#!/bin/bash
serving() { # how many sockets listen on the port of the sidecar, whoever's in this namespace: one for each worker
  grep -cE ':${port} [0-9A-F]+:0000 0A ' /proc/net/tcp
}
for ((i = 0; i < 10; i++)); do
  (( $(serving) == 0 )) || { sleep 2; exit; }
  sleep 0.5
done
echo 'no revision serves: the pod holder serves as standby' >&2
bash ${RUN_SCRIPT} ${admin.address} ${admin.port} ${drainSeconds} ${IN_FLIGHT_SECONDS} ${args.join(' ')} &
trap 'kill "$!"' TERM
while kill -0 "$!" 2> /dev/null; do
  if (( $(serving) > ${concurrency} )); then
    echo 'a revision serves again: the standby ends' >&2
    kill "$!"
    wait "$!"
    exit
  fi
  sleep 1
done
`;
}

/** All of these for one proxy. */
export function toScripts(spec: ProxySpec): TextFile[] {
  return [
    { path: INIT_SCRIPT, content: INIT_SH },
    { path: RUN_SCRIPT, content: RUN_SH },
    { path: READY_SCRIPT, content: READY_SH },
    { path: STANDBY_SCRIPT, content: toStandbyScript(spec) },
  ];
}
