import { type TerraformResource, TerraformStack } from '../cdk';

/**
 * Lets the stack take any Docker provider from the version of the bindings to 4.x, where the bindings ask for exactly theirs.
 * Those of cdktf are of 3.6.2. Versions from 4.0 on are better: 3.6.2 deletes a stopped container when it only wants to look at it.
 */
export function allowDockerProvider4(resource: TerraformResource): void {
  const oldest = resource.terraformGeneratorMetadata?.providerVersion;
  TerraformStack.of(resource).addOverride('terraform.required_providers.docker.version', `>= ${oldest}, < 5.0.0`);
}
