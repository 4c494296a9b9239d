import { Construct, Fn, Op, TerraformLocal } from '../cdk';
import { TerraformData } from '../terraform/terraform-data';

/** How a change is made: the new one up and healthy before the old one goes, or the old one gone before the new one comes. */
export type Rollout = 'rolling' | 'recreate';

/**
 * The identity of one revision of containers. A change of its settings makes a new one with new names, so that it
 * can stand beside the old one. The settings are kept as they are, not as a hash: the plan shows what changed, line by line.
 *
 * Whatever replaces a container has to be in the settings, or a new container would ask for the name of the old one.
 */
export class Revision extends Construct {
  /** Eight random hex digits, known when it is applied. */
  public readonly suffix: string;
  private readonly data: TerraformData;

  constructor(scope: Construct, id: string, settings: object, rollout: Rollout) {
    super(scope, id);
    this.data = new TerraformData(this, 'Default', settings, { createBeforeDestroy: rollout === 'rolling' });
    this.suffix = this.data.suffix;
  }

  /** Makes it destroyed before the next one is created, for what can't be there twice, and another one than without this. */
  public recreate(reason: string): void {
    this.data.settings = { ...this.data.settings, recreate: reason };
    this.data.lifecycle = { createBeforeDestroy: false };
  }

  public name(base: string): string {
    return `${base}-${this.suffix}`;
  }

  /** One of the settings, as a reference: a plan then shows its text here and not once more at its user. */
  public setting(...path: string[]): string {
    return Fn.lookupNested(this.data.interpolationForAttribute('triggers_replace'), path.map(escapeKey));
  }

  /** An address of the loopback network for this revision alone, where several share one network namespace. */
  public loopbackAddress(): string {
    const octet = (start: number) => Op.add(1, Op.mod(Fn.parseint(Fn.substr(this.data.id, start, 2), 16), 254));
    return new TerraformLocal(this, 'address', Fn.format('127.%d.%d.%d', [octet(0), octet(2), octet(4)])).asString;
  }
}

/** A key as the toolkit writes it into an expression: it escapes `${` in it and line ends, and nothing else. */
function escapeKey(key: string): string {
  return key.replace(/["\\]/g, '\\$&').replace(/%\{/g, '%%{');
}
