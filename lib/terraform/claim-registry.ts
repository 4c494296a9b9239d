import { type Construct, TerraformProvider, TerraformStack } from '../cdk';

interface Taking<Thing> {
  readonly by: Construct;
  readonly thing: Thing;
}

/** What only one construct on a Docker host can have, and which has it. What two stacks have may be on two hosts. */
export class Taken<Thing> {
  private readonly inStacks = new WeakMap<TerraformStack, Map<unknown, Taking<Thing>[]>>();

  /**
   * @param key - what two things that clash have in common
   * @param clash - whether two with one key do
   */
  constructor(
    private readonly key: (thing: Thing) => unknown,
    private readonly clash: (one: Thing, other: Thing) => boolean = () => true,
  ) {}

  /** Notes it as this construct's, or gives the one with which it clashes. */
  public take(by: Construct, thing: Thing): Taking<Thing> | undefined {
    const stack = TerraformStack.of(by);
    const byKey = this.inStacks.get(stack) ?? new Map<unknown, Taking<Thing>[]>();
    const all = byKey.get(this.key(thing)) ?? [];
    const other = all.find((one) => this.clash(one.thing, thing) && isThere(one.by));
    if (other && !hasSeveralHosts(stack)) {
      return other;
    }
    this.inStacks.set(stack, byKey.set(this.key(thing), [...all, { by, thing }]));
    return undefined;
  }
}

/** Whether it is still in the tree: a construct can be taken out. */
function isThere({ node: { scopes } }: Construct): boolean {
  return scopes.every((one, index) => index === 0 || scopes[index - 1]?.node.tryFindChild(one.node.id) === one);
}

/** With several Docker providers it is only known in the end which of them a construct gets. */
function hasSeveralHosts(stack: TerraformStack): boolean {
  const providers = stack.node.findAll().filter((one) => one instanceof TerraformProvider);
  return providers.filter(({ terraformResourceType }) => terraformResourceType === 'docker').length > 1;
}
