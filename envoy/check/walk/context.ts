import type { Shape, Shapes } from '../../messages/schema/descriptors';
import type { Rules } from '../../messages/schema/model';
import type { FoundMessage } from '../rule';
import { checkConstraints } from './constraints';
import type { IsAllowed } from './runtime-flags';
import type { Reading } from './scalars';
import { type Violation, ViolationCollector } from './violation-collector';

/** Lists and objects in each other: Envoy's reader refuses more. */
export const DEEPEST = 100;
/** Lists and objects in all, so that a few that hold each other in many places are no endless work. */
const MAX_VALUES = 1_000_000;

/**
 * Checks one value that is no list and no map, by its type and by the rules of where it stands. Gives it back as Envoy
 * understands it: enums by their names, numbers without quotes, fields by their names in the .proto files.
 */
export type Visit = (
  context: Context,
  type: string,
  value: unknown,
  rules?: Rules | undefined,
  /** The category of extensions that may stand here. */
  category?: string | undefined,
) => unknown;

/** What the parts of a walk share. */
export class Context {
  public readonly collector = new ViolationCollector();
  public readonly found = new Map<string, FoundMessage[]>();
  /** The messages around, the outermost first. */
  public readonly parents: Shape[] = [];
  /** Whether Envoy holds what is here to the rules of its schema, and builds something from it. */
  public isValidated = true;
  private readonly ancestors = new Set<unknown>();
  private count = 0;

  constructor(
    public readonly shapes: Shapes,
    public readonly visit: Visit,
    public readonly isAllowed: IsAllowed,
  ) {}

  /** Goes into a list or an object, unless that leads too far. */
  public enter(value: object, inside: () => void): void {
    this.count += 1;
    if (this.ancestors.has(value)) {
      this.collector.add({ rule: 'cycle', message: 'holds itself' });
    } else if (this.collector.depth >= DEEPEST) {
      this.collector.add({ rule: 'too-deep', message: `is too deep: Envoy reads ${DEEPEST} levels at the most` });
    } else if (this.count > MAX_VALUES) {
      this.collector.abort(`has more than ${MAX_VALUES} lists and objects, and what follows was not looked at`);
    } else {
      this.ancestors.add(value);
      inside();
      this.ancestors.delete(value);
    }
  }

  /** Each key or place of a list or an object, as long as there is a point in going on. */
  public forEachEntry<Step extends string | number, Value>(
    entries: Iterable<readonly [Step, Value]>,
    what: (step: Step, value: Value) => void,
    protoNameOf: (step: Step) => string | number = (step) => step,
  ): void {
    for (const [step, value] of entries) {
      if (this.collector.isFull) {
        return;
      }
      this.collector.at(step, () => what(step, value), protoNameOf(step));
    }
  }

  /** What a value turned out to be, and what its rules say to that. Text stays as it is written. */
  public interpret(kind: string, rules: Rules | undefined, { value, fault }: Reading, got: unknown): unknown {
    this.add(fault ? [fault] : []);
    if (rules && value !== undefined) {
      this.addIfValidated(checkConstraints(kind, rules, value, got));
    }
    return value === undefined || typeof value === 'string' ? got : typeof value === 'bigint' ? Number(value) : value;
  }

  /** Reads something that Envoy keeps or passes on as it is. */
  public withoutValidation<Value>(inside: () => Value): Value {
    const before = this.isValidated;
    this.isValidated = false;
    const value = inside();
    this.isValidated = before;
    return value;
  }

  /** Adds faults by the rules of the schema, where Envoy looks at these. */
  public addIfValidated(faults: readonly Violation[]): void {
    this.add(this.isValidated ? faults : []);
  }

  public add(faults: readonly Violation[]): void {
    for (const fault of faults) {
      this.collector.add(fault);
    }
  }
}

/** A value that only Terraform knows, where it has to be known before. */
export const UNKNOWN_REFERENCE: Violation = {
  rule: 'reference',
  message: 'must be known when it is synthesized, got a Terraform reference',
  remedy: 'write it as a literal',
};
