import { HTTP_TOKEN } from './http-token';
import { isReference } from './terraform-tokens';

/** A length of time with its unit: `'250ms'`, `'1.5s'`, `'5m'`, `'1h'`. */
export type Duration = `${number}ms` | `${number}s` | `${number}m` | `${number}h`;

/** An amount of memory with its unit, in powers of 1024: `'32KiB'`, `'256MiB'`, `'1GiB'`. */
export type Bytes = `${number}KiB` | `${number}MiB` | `${number}GiB`;

/** A refused option, whose path can still be completed. Its fields are private, or Node would print them below the message. */
class OptionError extends Error {
  readonly #path: string;
  readonly #rest: string;

  constructor(path: string, rest: string) {
    super(path + rest);
    this.#path = path;
    this.#rest = rest;
  }

  public within(scope: string): OptionError {
    return new OptionError(scope + this.#path, this.#rest);
  }
}

/** Refuses an option: where it is, what is wrong, what it was, and what to do. */
export function fail(path: string, problem: string, got: unknown, remedy: string): never {
  throw new OptionError(path, ` ${problem}, got ${asText(got)}; ${remedy}`);
}

/** A value in a message. It can be anything: a construct has no JSON, and a function would be its source. */
function asText(value: unknown): string {
  const later = isReference(value) ? ' (known only to Terraform when it applies)' : '';
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'symbol') {
    return String(value) + later;
  }
  if (typeof value === 'function') {
    return `the function ${value.name || 'without a name'}`;
  }
  try {
    return (JSON.stringify(value) ?? String(value)) + later;
  } catch {
    return `an object of the class ${Object(value).constructor?.name ?? 'none'}${later}`;
  }
}

/** What is refused inside is named with the scope that its options stand in: `routes[0].`, `upstream.`. */
export function within<T>(scope: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw error instanceof OptionError ? error.within(scope) : error;
  }
}

/**
 * Refuses what is left of an options object once every known option is taken out of it. The type makes a
 * forgotten known option a compile error; the check is for callers without types.
 *
 * @param tell - what of the value may stand in the message: less than all of it where it may be a secret
 */
export function refuseUnknown(
  path: string,
  rest: Record<string, never>,
  tell: (value: unknown) => unknown = (value) => value,
): void {
  const [name] = Object.keys(rest);
  if (name !== undefined) {
    fail(
      path === '' ? name : `${path}.${name}`,
      'is not an option',
      tell((rest as Record<string, unknown>)[name]),
      'remove it',
    );
  }
}

/** What may be told of a value that is a secret. */
export const kindOf = (value: unknown): string => typeof value;

/** What may be told of what holds secrets. */
export const keysOf = (value: unknown) => {
  if (Array.isArray(value)) {
    return value.map(kindOf);
  }
  return typeof value === 'object' && value !== null ? Object.keys(value) : kindOf(value);
};

/** How a text of a type is described in a message, and what to write instead of one that isn't. */
export interface TextForm {
  readonly description: string;
  readonly remedy: string;
}

export const DURATION_FORM: TextForm = {
  description: 'a number with a unit (ms, s, m or h)',
  remedy: "write for example '250ms' or '15s'",
};

export const BYTES_FORM: TextForm = {
  description: 'a number above zero with a unit (KiB, MiB or GiB)',
  remedy: "write for example '256MiB'",
};

const MILLISECONDS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** The milliseconds of a duration. */
export function milliseconds(path: string, value: Duration): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(value);
  if (!match) {
    fail(path, `must be ${DURATION_FORM.description}`, value, DURATION_FORM.remedy);
  }
  const exact = Number(match[1]) * MILLISECONDS[match[2] as keyof typeof MILLISECONDS];
  const count = Math.round(exact);
  // Binary fractions are never quite what was written: 1.005 s is 1004.9999999999999 ms.
  if (Math.abs(exact - count) > 1e-6 || count > MILLISECONDS.h * 8_760) {
    fail(path, 'must be whole milliseconds, and a year at the most', value, DURATION_FORM.remedy);
  }
  return count;
}

/** The seconds of a duration, for what counts in whole ones: never less than was asked for. */
export function wholeSeconds(path: string, value: Duration): number {
  return Math.ceil(milliseconds(path, value) / 1_000);
}

/** The whole seconds of a duration that must be more than nothing. */
export function positiveWholeSeconds(path: string, value: Duration, example: Duration): number {
  const count = wholeSeconds(path, value);
  return count === 0 ? fail(path, 'must be longer than zero', value, `write for example '${example}'`) : count;
}

/** A duration as Envoy reads it: seconds, at most three decimals. */
export function seconds(path: string, value: Duration): `${number}s` {
  return `${milliseconds(path, value) / 1_000}s`;
}

/** A duration that Envoy needs to be more than nothing. */
export function positiveSeconds(path: string, value: Duration): `${number}s` {
  if (milliseconds(path, value) === 0) {
    fail(path, 'must be longer than zero', value, "write for example '1s'");
  }
  return seconds(path, value);
}

const BYTES = { KiB: 1_024, MiB: 1_024 ** 2, GiB: 1_024 ** 3 } as const;

/** The bytes of an amount of memory. */
export function bytes(path: string, value: Bytes): number {
  const match = /^(\d+(?:\.\d+)?)(KiB|MiB|GiB)$/.exec(value);
  const count = match ? Math.round(Number(match[1]) * BYTES[match[2] as keyof typeof BYTES]) : 0;
  if (count === 0) {
    fail(path, `must be ${BYTES_FORM.description}`, value, BYTES_FORM.remedy);
  }
  return count;
}

/** A port that something listens on or is reached at. */
export function port(path: string, value: number): number {
  return integer(path, value, 1, 65_535);
}

/** A whole number within its bounds, both included. */
export function integer(path: string, value: number, least: number, most: number): number {
  if (!Number.isInteger(value) || value < least || value > most) {
    fail(path, `must be a whole number from ${least} to ${most}`, value, 'write it as a literal number in that range');
  }
  return value;
}

/** One of the words that an option knows. */
export function oneOf<Word extends string>(path: string, value: Word, words: readonly Word[]): Word {
  if (!words.includes(value)) {
    fail(path, `must be one of ${words.map((word) => `'${word}'`).join(', ')}`, value, 'choose one of these');
  }
  return value;
}

/** For callers without types. */
export function flag(path: string, value: boolean): boolean {
  return typeof value === 'boolean' ? value : fail(path, 'must be true or false', value, 'choose one of these');
}

/** The path of a URL. */
export function urlPath(path: string, value: string): string {
  if (!/^\/[\x21\x22\x24-\x7e]*$/.test(value)) {
    fail(path, "must start with '/' and hold no space, no '#' and ASCII alone", value, "write for example '/health'");
  }
  return value;
}

/** The name of a header, as Envoy compares it. */
export function headerName(path: string, value: string): string {
  if (!HTTP_TOKEN.test(value)) {
    fail(path, 'must be the name of a header', value, "write for example 'x-api-key'");
  }
  return value.toLowerCase();
}
