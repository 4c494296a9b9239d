# shellcheck shell=bash
# The kreuzwerker/docker provider: from the Terraform Registry, or else built from its Go module.

PROVIDER_VERSION=4.5.0 # what the build calls itself; it is the source shortly after that release
PROVIDER_MIRROR="$CACHE/terraform/mirror"
TERRAFORM_CONFIG="$CACHE/terraform/tf.rc"
REGISTRY_ANSWERED="$CACHE/terraform/registry-answered"

write_terraform_project() { # FOLDER
  cat >"$1/main.tf" <<'EOF'
terraform {
  required_providers {
    docker = {
      source  = "kreuzwerker/docker"
      version = ">= 3.6.0, < 5.0.0"
    }
  }
}
EOF
}

# Sets INIT to the command, as a single process that can be ended.
init_command() { # FOLDER
  INIT=(env TF_DATA_DIR="$1/.terraform" TF_REGISTRY_DISCOVERY_RETRY=0 CHECKPOINT_DISABLE=1
    terraform -chdir="$1" init -input=false -no-color)
}

ask_registry() {
  local project status=0
  project=$(mktemp -d)
  write_terraform_project "$project"
  # A configuration of the user's own counts, with a mirror of theirs in it; ours, or one that is not
  # there, doesn't.
  if [[ ${TF_CLI_CONFIG_FILE:-} == "$TERRAFORM_CONFIG" || ! -e ${TF_CLI_CONFIG_FILE:-} ]]; then
    unset TF_CLI_CONFIG_FILE
  fi
  init_command "$project"
  begins_within 8 '^- Installing' "${INIT[@]}" || status=$?
  rm -rf "$project"
  ((status == 0)) || return "$status"
  touch "$REGISTRY_ANSWERED"
}

# The file that tells Terraform where the built one is, and OpenTofu, which looks for it under its own registry's name.
offer_provider() {
  local other="$PROVIDER_MIRROR/registry.opentofu.org/kreuzwerker/docker/$PROVIDER_VERSION" platform
  platform="$(go env GOOS)_$(go env GOARCH)"
  mkdir -p "$other"
  ln -sfn "$PROVIDER_MIRROR/registry.terraform.io/kreuzwerker/docker/$PROVIDER_VERSION/$platform" "$other/$platform"
  cat >"$TERRAFORM_CONFIG" <<EOF
provider_installation {
  filesystem_mirror {
    path    = "$PROVIDER_MIRROR"
    include = ["registry.terraform.io/kreuzwerker/docker", "registry.opentofu.org/kreuzwerker/docker"]
  }
  direct {
    exclude = ["registry.terraform.io/kreuzwerker/docker", "registry.opentofu.org/kreuzwerker/docker"]
  }
}
EOF
}

# Each module is checked against go.sum, whether or not Go's checksum database answers.
build_provider() {
  local platform folder binary package=github.com/terraform-providers/terraform-provider-docker
  platform="$(go env GOOS)_$(go env GOARCH)"
  folder="$PROVIDER_MIRROR/registry.terraform.io/kreuzwerker/docker/$PROVIDER_VERSION/$platform"
  binary="$folder/terraform-provider-docker_v$PROVIDER_VERSION"
  mkdir -p "$folder"
  # -v only gives the heartbeat something to show: a plain build prints nothing for minutes.
  CGO_ENABLED=0 GOWORK=off go -C "$SETUP/provider" build -v -mod=readonly -trimpath -ldflags '-s -w' -o "$binary.new" "$package"
  mv "$binary.new" "$binary"

  offer_provider
  local project
  project=$(mktemp -d)
  write_terraform_project "$project"
  init_command "$project"
  TF_CLI_CONFIG_FILE="$TERRAFORM_CONFIG" "${INIT[@]}"
  rm -rf "$project"
  digest "$SETUP"/provider/go.* >"$PROVIDER_MIRROR/built-from"
}

provider_is_built() {
  [[ -e $TERRAFORM_CONFIG && "$(cat "$PROVIDER_MIRROR/built-from" 2>/dev/null)" == "$(digest "$SETUP"/provider/go.*)" ]]
}

use_built_provider() {
  put_env TF_CLI_CONFIG_FILE "$TERRAFORM_CONFIG"
  # Both ask hosts that don't answer here: the check for a newer Terraform, and the registry for the
  # checksums of other platforms.
  put_env CHECKPOINT_DISABLE 1
  put_env CDKTF_DEPLOY_FLAGS --skip-provider-lock
}

setup_provider() {
  mkdir -p "$CACHE/terraform"
  if provider_is_built; then
    found "kreuzwerker/docker provider, built from source (the Terraform Registry did not answer)"
    note "to ask the registry again: rm -r $CACHE/terraform"
    offer_provider # one that was built before this knew of OpenTofu
    use_built_provider
    return
  fi
  # Asked once a day.
  if [[ -n "$(find "$REGISTRY_ANSWERED" -mtime -1 2>/dev/null)" ]]; then
    found "kreuzwerker/docker provider: the Terraform Registry has it"
    return
  fi
  try "kreuzwerker/docker provider: asking the Terraform Registry" ask_registry
  # shellcheck disable=SC2153 # `try` sets it
  ((STATUS != 0)) || return 0
  note "the Terraform Registry can't be used here ($LOG says why): building it from its Go module instead"
  need_go "the provider"
  step "kreuzwerker/docker provider: building the version after $PROVIDER_VERSION (some minutes)" build_provider
  use_built_provider
}
