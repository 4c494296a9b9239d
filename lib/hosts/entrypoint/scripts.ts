import type { ProxySpec, TextFile } from '../../../envoy';
import { ADMIN_ADDRESS, CONFIG_FOLDER, DRAIN_PATH, STAT_PREFIX } from '../../../envoy/host-api';
import { NAMESPACE_ORPHANED_SH } from '../../docker/orphaned-namespace';
import { STANDBY_FOLDER } from '../../docker/volumes';

// Scripts that validate, drain and watch Envoy where the platform does none of that. They need bash, which Envoy's image has; it
// has neither curl nor wget.

/** Validates the configuration, once, before a revision starts. */
export const INIT_SCRIPT = `${CONFIG_FOLDER}/init.sh`;
/** Runs Envoy and drains it on SIGTERM. */
export const RUN_SCRIPT = `${CONFIG_FOLDER}/run.sh`;
/** The health check: whether Envoy serves. */
export const READY_SCRIPT = `${CONFIG_FOLDER}/ready.sh`;
/** Runs Envoy in the pod holder while no revision serves. */
const STANDBY_SCRIPT = `${CONFIG_FOLDER}/standby.sh`;

/** Time for requests in flight at the end of the drain: the default request timeout. */
export const IN_FLIGHT_SECONDS = 15;

/** The scripts of one proxy, as files for its revision. */
export function toScripts(spec: ProxySpec): TextFile[] {
  return [
    { path: INIT_SCRIPT, content: INIT_SH },
    { path: RUN_SCRIPT, content: RUN_SH },
    { path: READY_SCRIPT, content: READY_SH },
    { path: STANDBY_SCRIPT, content: toStandbyScript(spec) },
  ];
}

const INIT_SH = `#!/bin/bash
# init.sh POD ADMIN_ADDRESS ENVOY_ARGUMENTS...: POD is the host name of the pod holder, or '-' without one
pod=$1 admin_address=$2
shift 2
# As Envoy's user, who can read keys in mounted folders that root without capabilities can't.
setpriv --reuid 101 --regid 101 --clear-groups envoy "$@" --mode validate || exit 1
[[ $pod == - ]] && exit 0
while ((SECONDS < 30)); do
  # Docker may forward an unknown name to a server outside, which never answers.
  if timeout 1 getent hosts "$pod" > /dev/null; then
    # The copy for the standby, which has another admin address.
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

const RUN_SH = `#!/bin/bash
# run.sh ADMIN_ADDRESS ADMIN_PORT DRAIN_SECONDS IN_FLIGHT_SECONDS ENVOY_ARGUMENTS...
admin_address=$1 admin_port=$2 drain=$3 in_flight=$4
shift 4

ask() { # METHOD PATH: prints the response of Envoy's admin interface
  exec 3<> "/dev/tcp/$admin_address/$admin_port" || return
  printf '%s %s HTTP/1.1\\r\\nHost: admin\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n' "$1" "$2" >&3
  cat <&3
  exec 3>&-
}

${NAMESPACE_ORPHANED_SH}

has_requests() { # whether a request is in flight
  ask GET '/stats?filter=${STAT_PREFIX}.downstream_rq_active' | grep -q 'downstream_rq_active: [1-9]'
}

# Envoy ends at once on SIGTERM. So first Envoy serves on and asks clients to reconnect, to the next revision.
# Then requests in flight get their time.
stop() {
  trap '' TERM INT
  ask POST '${DRAIN_PATH}' > /dev/null
  # One second more: Envoy closes its listeners at the end of the drain. No request arrives after that.
  sleep "$((drain + 1))"
  for ((i = 0; i < in_flight; i++)); do
    has_requests || break
    sleep 1
  done
  kill -TERM "$envoy" 2> /dev/null
}

envoy "$@" &
envoy=$!
trap stop TERM INT

# A restarted pod holder has a new network namespace, and no client reaches the old one.
# So Envoy is killed, and Docker's restart policy starts it in the new namespace.
while kill -0 "$envoy" 2> /dev/null; do
  if namespace_orphaned; then
    echo 'the network namespace is gone: ending Envoy, to join the new one' >&2
    kill -KILL "$envoy"
  fi
  sleep 0.5 &
  wait "$!"
done
wait "$envoy"
`;

const READY_SH = `#!/bin/bash
# ready.sh ADMIN_ADDRESS ADMIN_PORT: whether Envoy serves
exec 3<> "/dev/tcp/$1/$2"
printf 'GET /ready HTTP/1.1\\r\\nHost: admin\\r\\nConnection: close\\r\\n\\r\\n' >&3
read -r _ status _ <&3
[[ $status == 200 ]]
`;

/**
 * The command of the pod holder. It is short and never changes, since a changed pod holder interrupts. Each revision brings the
 * script that it runs.
 */
export const HOLDER_COMMAND = `trap 'kill "$!" 2> /dev/null; wait; exit 0' TERM
while :; do
  if [[ -f ${STANDBY_SCRIPT} ]]; then bash ${STANDBY_SCRIPT} & else sleep 1 & fi
  wait "$!"
done`;

/**
 * Docker can't start a container that joins a stopped pod holder, and does not try again. So revisions may stay down after a
 * restart of an engine before 29. Docker always restarts the pod holder. It watches the sidecar's port, and runs Envoy with the
 * newest configuration while no revision serves. See docs/decisions/0004-pod-holder-as-standby.md.
 */
function toStandbyScript({ args, admin, drainSeconds, ports, concurrency }: ProxySpec): string {
  const port = (ports[0]?.port ?? 0).toString(16).toUpperCase().padStart(4, '0');
  return `#!/bin/bash
listeners() { # counts the sockets that listen on the sidecar's port in this namespace: one for each worker
  grep -cE ':${port} [0-9A-F]+:0000 0A ' /proc/net/tcp
}
for ((i = 0; i < 10; i++)); do
  (( $(listeners) == 0 )) || { sleep 2; exit; }
  sleep 0.5
done
echo 'no revision serves: the pod holder serves as standby' >&2
bash ${RUN_SCRIPT} ${admin.address} ${admin.port} ${drainSeconds} ${IN_FLIGHT_SECONDS} ${args.join(' ')} &
trap 'kill "$!"' TERM
while kill -0 "$!" 2> /dev/null; do
  if (( $(listeners) > ${concurrency} )); then
    echo 'a revision serves again: the standby ends' >&2
    kill "$!"
    wait "$!"
    exit
  fi
  sleep 1
done
`;
}
