import { invalidOption } from '../../envoy/host-api';
import { Construct, TerraformStack } from '../cdk';

/**
 * Has the stack of what an option names deployed before the stack of the construct. Terraform refers to resources of
 * another stack through its state, and `depends_on` can't name them at all: the order of the stacks takes its place.
 *
 * @returns whether both are in one stack, so that Terraform itself can order them
 */
export function dependOnStackOf(construct: Construct, option: string, named: unknown): boolean {
  if (!Construct.isConstruct(named)) {
    return true;
  }
  const [ours, theirs] = [TerraformStack.of(construct), TerraformStack.of(named)];
  if (ours === theirs) {
    return true;
  }
  const refuse = (why: string) =>
    invalidOption(
      option,
      why,
      named.node.path,
      "write it out instead: DockerNetwork.fromName('a-network') for a network, { host, port, network } for an upstream",
    );
  if (ours.node.root !== theirs.node.root) {
    refuse('is in another app, to whose state Terraform has no reference');
  }
  if (theirs.dependsOn(ours)) {
    refuse(`is in the stack '${theirs.node.path}', which is deployed after '${ours.node.path}'`);
  }
  ours.addDependency(theirs);
  return false;
}
