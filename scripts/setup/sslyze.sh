# shellcheck shell=bash
# sslyze, which compares a TLS server with Mozilla's guidance, from PyPI, for the Python of this machine.

SSLYZE_VERSION=6.3.1 # as in wheels/sslyze.txt

sslyze_version() { PYTHONPATH=$1 python3 -m sslyze --help 2>/dev/null | sed -n 's/^SSLyze version //p'; } # FOLDER

install_sslyze() { # FOLDER
  local new pip=(python3 -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes)
  new=$(mktemp -d)
  "${pip[@]}" --only-binary=:all: --target "$new" --requirement "$SETUP/wheels/sslyze-needs.txt"
  # It has no wheel of its own; what builds it is among the others, so that this too is checked.
  PYTHONPATH=$new "${pip[@]}" --no-build-isolation --target "$new" --requirement "$SETUP/wheels/sslyze.txt"
  [[ "$(sslyze_version "$new")" == "$SSLYZE_VERSION" ]]
  mkdir -p "$(dirname "$1")"
  mv "$new" "$1"
}

# SSLYZE: the folder for PYTHONPATH, with which `python3 -m sslyze` runs.
setup_sslyze() {
  local folder
  folder="$CACHE/sslyze/$SSLYZE_VERSION-$(python3 -c 'import sys; print("python%d.%d" % sys.version_info[:2])')"
  if [[ ! -d $folder ]]; then
    need_pip
    step "sslyze $SSLYZE_VERSION: installing it from PyPI" install_sslyze "$folder"
  fi
  found "sslyze $SSLYZE_VERSION"
  put_env SSLYZE "$folder"
}
