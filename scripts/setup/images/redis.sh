#!/usr/bin/env bash
# Stand-in for redis, as a tar archive: a Debian with its Redis 7.0, and without what nobody reads in a container.
set -euo pipefail

unwanted=()
for folder in doc info locale man; do unwanted+=(--dpkgopt="path-exclude=/usr/share/$folder/*"); done

mmdebstrap --variant=minbase --include=redis-server "${unwanted[@]}" \
  --keyring=/usr/share/keyrings bookworm "$1"
