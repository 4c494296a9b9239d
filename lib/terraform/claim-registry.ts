import { type Construct, TerraformProvider, TerraformStack } from '../cdk';

interface Claim<Value> {
  readonly owner: Construct;
  readonly value: Value;
}

/**
 * Values that only one construct of a Docker host can have, such as a name or a published port. Each stack has its own claims,
 * since two stacks may deploy to two hosts.
 */
export class ClaimRegistry<Value> {
  private readonly claims = new WeakMap<TerraformStack, Map<unknown, Claim<Value>[]>>();

  /**
   * @param key - what two conflicting values have in common
   * @param isConflict - whether two values with the same key conflict
   */
  constructor(
    private readonly key: (value: Value) => unknown,
    private readonly isConflict: (one: Value, other: Value) => boolean = () => true,
  ) {}

  /** Claims the value for this construct, or returns the claim of another construct that conflicts with it. */
  public claim(owner: Construct, value: Value): Claim<Value> | undefined {
    const stack = TerraformStack.of(owner);
    const byKey = this.claims.get(stack) ?? new Map<unknown, Claim<Value>[]>();
    const claims = byKey.get(this.key(value)) ?? [];
    const conflict = claims.find((claim) => this.isConflict(claim.value, value) && isInTree(claim.owner));
    if (conflict && !hasSeveralDockerProviders(stack)) {
      return conflict;
    }
    this.claims.set(stack, byKey.set(this.key(value), [...claims, { owner, value }]));
    return undefined;
  }
}

/** Whether the construct is still in the tree: `tryRemoveChild` takes one out. */
function isInTree({ node: { scopes } }: Construct): boolean {
  return scopes.every((scope, index) => index === 0 || scopes[index - 1]?.node.tryFindChild(scope.node.id) === scope);
}

/** With several Docker providers, the provider of a construct is only known when the stack is synthesized. */
function hasSeveralDockerProviders(stack: TerraformStack): boolean {
  const providers = stack.node.findAll().filter((construct) => construct instanceof TerraformProvider);
  return providers.filter(({ terraformResourceType }) => terraformResourceType === 'docker').length > 1;
}
