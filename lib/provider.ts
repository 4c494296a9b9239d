import { type Construct, TerraformStack } from './cdk';

/**
 * Lets the stack take any Docker provider from 3.6.2 to 4.x, where the bindings ask for 3.x. Versions from 4.0 on are
 * better: 3.6.2 deletes a stopped container when it only wants to look at it.
 */
export function allowDockerProvider4(scope: Construct): void {
  TerraformStack.of(scope).addOverride('terraform.required_providers.docker.version', '>= 3.6.2, < 5.0.0');
}
