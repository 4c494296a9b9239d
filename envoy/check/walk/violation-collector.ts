import type { Path } from '../../messages/path';
import type { Problem } from '../problem';
import { WrittenPaths } from './written-paths';

/** What is wrong with one value, before it is known where that stands. */
export interface Violation {
  /** What Envoy takes all the same. An error where nothing is said. */
  readonly severity?: 'warning';
  readonly rule: string;
  readonly message: string;
  /** The value, for the message. It is left out where its place says that it is a secret. */
  readonly got?: unknown;
  readonly remedy?: string;
}

/** Errors after which nothing more is looked at, and warnings after which no more are kept. */
const MAX_PROBLEMS = 1000;
const SECRET = /^inline_?(string|bytes)$|password|secret|token/i;

/** Where a walk is, and what it found so far. */
export class ViolationCollector {
  public readonly problems: Problem[] = [];
  private readonly path: (string | number)[] = [];
  private readonly protoNames: (string | number)[] = [];
  private readonly written = new WrittenPaths();
  /** The steps into lists that only hold a part of another list. */
  private nested: Path = [];
  private readonly remaining = { error: MAX_PROBLEMS, warning: MAX_PROBLEMS };

  /** Whether nothing more is to be looked at: so many errors that more of them help nobody, or too much to look at. */
  public isFull = false;

  /** How many steps down the walk is. */
  public get depth(): number {
    return this.path.length;
  }

  /** Where the walk is, in the spelling of the .proto files. */
  public get protoPath(): Path {
    return this.protoNames.slice();
  }

  /** The last step of the way. */
  public get lastStep(): string | number | undefined {
    return this.path.at(-1);
  }

  /** Does something one step further down: at the field of this name in the .proto file, or at this index of the whole list. */
  public at(step: string | number, what: () => void, protoName = step): void {
    this.path.push(step);
    this.under([...this.nested, step], protoName, what);
    this.path.pop();
  }

  /** Does something in a list that is written within the list that it belongs to. */
  public atNestedList(index: number, what: () => void): void {
    const outer = this.nested;
    this.path.push(index);
    this.nested = [...outer, index];
    what();
    this.nested = outer;
    this.path.pop();
  }

  /** Does something at the first item of a list that is written as that item alone. */
  public atOnlyItem(what: () => void): void {
    this.under([], 0, what);
  }

  private under(written: Path, protoName: string | number, what: () => void): void {
    const outer = this.nested;
    this.nested = [];
    this.protoNames.push(protoName);
    this.written.record(this.protoNames, written);
    what();
    this.protoNames.pop();
    this.nested = outer;
  }

  /** A path in the spelling of the configuration. */
  public toWrittenPath(protoPath: Path): Path {
    return this.written.translate(protoPath);
  }

  public add(fault: Violation): void {
    const severity = fault.severity ?? 'error';
    this.remaining[severity] -= 1;
    if (this.isFull || (severity === 'warning' && this.remaining.warning < 0)) {
      return;
    }
    if (this.remaining.error < 0) {
      this.abort(`has more than ${MAX_PROBLEMS} errors, and what follows was not looked at; mend the first ones`);
    } else {
      this.problems.push({ severity, path: this.path.slice(), rule: fault.rule, message: this.toMessage(fault) });
    }
  }

  /** Ends the walk, and says why. */
  public abort(message: string): void {
    this.isFull = true;
    this.problems.push({ severity: 'error', path: [], rule: 'too-much', message });
  }

  private toMessage(fault: Violation): string {
    const key = String(this.path.filter((step) => typeof step === 'string').pop());
    const got =
      'got' in fault ? `, got ${SECRET.test(key) ? 'something that is kept secret' : describeValue(fault.got)}` : '';
    return `${fault.message}${got}${fault.remedy === undefined ? '' : `; ${fault.remedy}`}`;
  }
}

/** A value in a message: text and numbers as they are, up to 60 characters, and the kind of anything else. */
export function describeValue(value: unknown): string {
  if (typeof value === 'string') {
    const [...characters] = value.slice(0, 122);
    return characters.length > 60 ? `${JSON.stringify(characters.slice(0, 57).join(''))}...` : JSON.stringify(value);
  }
  if (typeof value === 'object' && value !== null) {
    return Array.isArray(value) ? 'a list' : isJsonObject(value) ? 'an object' : `a ${tagOf.call(value).slice(8, -1)}`;
  }
  return typeof value === 'function' || typeof value === 'symbol' ? `a ${typeof value}` : String(value);
}

/** An object as JSON and YAML have them: no list, and no Date, Map or the like. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && tagOf.call(value) === '[object Object]';
}

// Not by its constructor: that of another realm (`vm`, a test runner) is a different one.
const tagOf = Object.prototype.toString;
