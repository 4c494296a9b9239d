import { type Construct, Fn, TerraformResource, type TerraformResourceLifecycle } from '../cdk';

/**
 * Terraform's own `terraform_data`, replaced whenever its settings change.
 *
 * It stands for the toolkit's `DataResource`, each of which runs `terraform version` when the stack is synthesized: 50 ms
 * apiece, and an error where synthesizing is all that is wanted and Terraform isn't installed.
 *
 * @see https://developer.hashicorp.com/terraform/language/resources/terraform-data
 */
export class TerraformData extends TerraformResource {
  constructor(
    scope: Construct,
    id: string,
    public settings: object,
    lifecycle?: TerraformResourceLifecycle,
  ) {
    super(scope, id, {
      terraformResourceType: 'terraform_data',
      terraformGeneratorMetadata: { providerName: 'terraform' },
      ...(lifecycle && { lifecycle }),
    });
  }

  public get id(): string {
    return this.getStringAttribute('id');
  }

  /** Eight random hex digits, known when it is applied. */
  public get suffix(): string {
    return Fn.substr(this.id, 0, 8);
  }

  protected override synthesizeAttributes(): Record<string, unknown> {
    return { triggers_replace: this.settings };
  }

  /** For `cdktf synth --hcl`. */
  protected override synthesizeHclAttributes(): Record<string, unknown> {
    return { triggers_replace: { value: this.settings, isBlock: false, type: 'map', storageClassType: 'anyMap' } };
  }
}
