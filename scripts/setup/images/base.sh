#!/usr/bin/env bash
# What both stand-ins are built on, as a tar archive: a Debian without what nobody reads in a container.
# Its Python 3.11 is the one that the wheels in wheels/fastapi.txt are for.
set -euo pipefail

unwanted=()
for folder in doc info locale man; do unwanted+=(--dpkgopt="path-exclude=/usr/share/$folder/*"); done

mmdebstrap --variant=minbase --include=ca-certificates,python3 "${unwanted[@]}" \
  --keyring=/usr/share/keyrings bookworm "$1"
