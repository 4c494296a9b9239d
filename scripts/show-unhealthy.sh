#!/usr/bin/env bash
# After a failed deploy: shows each unhealthy container with the end of its log.
set -euo pipefail

docker ps --all --filter label=cdktf-envoy-sidecar.name --format '{{.Label "cdktf-envoy-sidecar.role"}} {{.Names}} {{.Status}}' |
  while read -r role name status; do
    case "$role $status" in
      *'(healthy)' | 'pod-holder Up '* | 'init Exited (0)'*) continue ;;
    esac
    printf '\n%s %s: %s\n  its log: docker logs %s\n' "$role" "$name" "$status" "$name"
    docker logs --tail 10 "$name" 2>&1 | sed 's/^/  | /'
    docker inspect "$name" --format '{{with .State.Health}}{{range .Log}}{{.Output}}{{end}}{{end}}' | tail -n 3 | sed '/^$/d; s/^/  | health check: /'
  done
