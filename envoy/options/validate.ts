import { HTTP_TOKEN } from './http-token';
import { isReference } from './terraform-tokens';

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
export function invalidOption(path: string, problem: string, got: unknown, remedy: string): never {
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
    invalidOption(
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

/** One of the words that an option knows. */
export function oneOf<Word extends string>(path: string, value: Word, words: readonly Word[]): Word {
  if (!words.includes(value)) {
    invalidOption(path, `must be one of ${words.map((word) => `'${word}'`).join(', ')}`, value, 'choose one of these');
  }
  return value;
}

/** For callers without types. */
export function flag(path: string, value: boolean): boolean {
  return typeof value === 'boolean'
    ? value
    : invalidOption(path, 'must be true or false', value, 'choose one of these');
}

/** The path of a URL. */
export function urlPath(path: string, value: string): string {
  if (!/^\/[\x21\x22\x24-\x7e]*$/.test(value)) {
    invalidOption(
      path,
      "must start with '/' and hold no space, no '#' and ASCII alone",
      value,
      "write for example '/health'",
    );
  }
  return value;
}

/** The name of a header, as Envoy compares it. */
export function headerName(path: string, value: string): string {
  if (!HTTP_TOKEN.test(value)) {
    invalidOption(path, 'must be the name of a header', value, "write for example 'x-api-key'");
  }
  return value.toLowerCase();
}
