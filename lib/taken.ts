import { type Construct, TerraformStack } from './cdk';

interface Taking<Thing> {
  readonly by: Construct;
  readonly thing: Thing;
}

/**
 * What only one construct of a stack can have, and which has it. A stack is one Docker host's; what two stacks have may be
 * on two hosts.
 */
export class Taken<Thing> {
  private readonly inStacks = new WeakMap<TerraformStack, Taking<Thing>[]>();

  constructor(private readonly clash: (one: Thing, other: Thing) => boolean) {}

  /** Notes it as this construct's, or gives the one with which it clashes. */
  public take(by: Construct, thing: Thing): Taking<Thing> | undefined {
    const stack = TerraformStack.of(by);
    const all = this.inStacks.get(stack) ?? [];
    const other = all.find((one) => this.clash(one.thing, thing));
    if (!other) {
      this.inStacks.set(stack, all);
      all.push({ by, thing });
    }
    return other;
  }
}
