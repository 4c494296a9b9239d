import { type Construct, TerraformStack } from '../cdk';

/** Where jsii notes which package a class is from; a class derived from it is from the same toolkit. */
const RTTI = Symbol.for('jsii.rtti');

type Toolkit = 'cdktf' | 'cdktn';

/** The toolkit that a class is from, if it is from one. */
function findToolkit(type: unknown): Toolkit | undefined {
  for (let one = type; typeof one === 'function'; one = Object.getPrototypeOf(one)) {
    const { fqn = '' } = (one as { readonly [RTTI]?: { readonly fqn: string } })[RTTI] ?? {};
    const [toolkit] = fqn.split('.');
    if (toolkit === 'cdktf' || toolkit === 'cdktn') {
      return toolkit;
    }
  }
  return undefined;
}

const checked = new WeakSet<TerraformStack>();

/** Refuses a stack of the other toolkit, or one that holds elements of it: they end in a TypeError when the app synthesizes. */
export function assertToolkit(construct: Construct): void {
  const stack = TerraformStack.of(construct);
  if (checked.has(stack)) {
    return;
  }
  const ours = findToolkit(TerraformStack);
  for (const one of stack.node.findAll()) {
    const its = findToolkit(one.constructor);
    if (its !== undefined && its !== ours) {
      throw new Error(
        `is a construct for ${ours}, and '${one.node.path}' in the same stack is one of ${its}; import all from one toolkit:
  from 'cdktf', '@cdktf/provider-docker' and 'cdktf-envoy-sidecar', or
  from 'cdktn', '@cdktn/provider-docker' and 'cdktf-envoy-sidecar/cdktn'`,
      );
    }
  }
  checked.add(stack);
}
