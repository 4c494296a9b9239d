# shellcheck shell=bash
# The terraform command. It is not among the packages of Debian and Ubuntu, so it is asked for.

TERRAFORM_MINIMUM=1.6.0

setup_terraform() {
  local version how="install Terraform >= $TERRAFORM_MINIMUM: https://developer.hashicorp.com/terraform/install (Ubuntu: sudo snap install terraform --classic)"
  have terraform || die "Terraform is missing" "$how"
  # Its warnings, e.g. about a TF_CLI_CONFIG_FILE that is not there, come again when it matters.
  version=$(CHECKPOINT_DISABLE=1 terraform version 2>/dev/null | sed -n 's/^Terraform v//p')
  version_at_least "$TERRAFORM_MINIMUM" "${version:-0}" || die "Terraform ${version:-of an unknown version} is too old" "$how"
  found "Terraform $version"
}
