import { invalidOption, isReference } from '../../envoy/host-api';
import { NAMESPACE_ORPHANED_SH } from '../docker/orphaned-namespace';

/**
 * The health check that Docker runs in the API's container, with a program that its image has.
 *
 * It passes only if the API has answered for three seconds. Envoy needs up to three seconds to learn of a new replica, by DNS and
 * its own health check. Only then may Terraform remove the old replica.
 *
 * In a pod it also ends an API in an orphaned network namespace. Docker's restart policy then starts it in the new one.
 */
export function createHealthcheck(port: number, path: string): string[] {
  const url = `http://127.0.0.1:${port}${path}`.replaceAll("'", `'\\''`);
  return [
    'CMD-SHELL',
    `${NAMESPACE_ORPHANED_SH}
namespace_orphaned && kill 1
url='${url}'
ask() {
  if command -v curl; then curl --fail --silent --max-time 5 --output /dev/null "$url"
  elif command -v wget; then wget -q -T 5 -O /dev/null "$url"
  elif command -v bash; then ${bashRequest(port)}
  elif command -v python3; then python3 -c "import sys, urllib.request as r; r.urlopen(sys.argv[1], timeout=5)" "$url"
  elif command -v node; then node -e "fetch(process.argv[1]).then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))" "$url"
  else echo "the image has no curl, wget, bash, python3 or node: give healthcheck" >&2; false
  fi >/dev/null
}
ask && sleep 3 && ask`,
  ];
}

function bashRequest(port: number): string {
  return `bash -c '
    exec 3<>/dev/tcp/127.0.0.1/${port}
    printf "GET %s HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n" "$1" >&3
    read -rt 5 _ status _ <&3; [ "$status" = 200 ]' bash "\${url#http://127.0.0.1:${port}}"`;
}

/** Rejects a health check that Docker accepts and never runs: the API would never be healthy. */
export function assertHealthcheck(test: readonly string[]): readonly string[] {
  const [kind, ...command] = test;
  if (!isReference(test) && (!['CMD', 'CMD-SHELL'].includes(kind ?? '') || command.length === 0)) {
    const remedy = "write for example ['CMD', 'curl', '--fail', 'http://127.0.0.1:8080/health']";
    invalidOption(
      'healthcheck',
      "must be 'CMD' and a command, or 'CMD-SHELL' and one line for the shell",
      test,
      remedy,
    );
  }
  return test;
}
