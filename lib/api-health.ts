/**
 * The health check that Docker runs inside the API's container, with whatever program its image has.
 *
 * It is content only when the API has answered for three seconds: so long Envoy needs, at the most, to learn of a
 * new replica by DNS and by a health check of its own. Only then the old replica may go.
 */
export function apiHealthTest(port: number, path: string): string[] {
  return [
    'CMD-SHELL',
    `${REJOIN}
url=http://127.0.0.1:${port}${path}
ask() {
  if command -v curl; then curl --fail --silent --max-time 5 --output /dev/null "$url"
  elif command -v wget; then wget -q -T 5 -O /dev/null "$url"
  elif command -v bash; then timeout 5 bash -c '
    exec 3<>/dev/tcp/127.0.0.1/${port}
    printf "GET ${path} HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n" >&3
    read -r _ status _ <&3; [ "$status" = 200 ]'
  elif command -v python3; then python3 -c "import sys, urllib.request as r; r.urlopen(sys.argv[1], timeout=5)" "$url"
  elif command -v node; then node -e "fetch(process.argv[1]).then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))" "$url"
  else echo "the image has no curl, wget, bash, python3 or node: give healthTest"; false
  fi >/dev/null
}
ask && sleep 3 && ask`,
  ];
}

/**
 * In a pod: when the holder died and came back, the API is left in the dead namespace, where it can be reached by
 * nobody but itself. It is ended, and Docker's restart policy joins it to the new one.
 */
const REJOIN = `{ grep -qv '^Iface' /proc/net/route || grep -qv ' lo$' /proc/net/ipv6_route; } 2>/dev/null || kill 1`;
