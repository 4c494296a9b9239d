import { invalidOption } from './validate';

/** A length of time with its unit: `'250ms'`, `'1.5s'`, `'5m'`, `'1h'`. */
export type Duration =
  | '100ms'
  | '1s'
  | '10s'
  | '60s'
  | '5m'
  | '1h'
  | (`${number}${'ms' | 's' | 'm' | 'h'}` & Completed);

/** An amount of memory with its unit, in powers of 1024: `'32KiB'`, `'256MiB'`, `'1GiB'`. */
export type Bytes = '64KiB' | '1MiB' | '64MiB' | '512MiB' | '1GiB' | (`${number}${'KiB' | 'MiB' | 'GiB'}` & Completed);

/** Beside a template, TypeScript drops the literals that fit it, and the editor could offer none. This keeps them. */
export type Completed = Record<never, never>;

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
    invalidOption(path, `must be ${DURATION_FORM.description}`, value, DURATION_FORM.remedy);
  }
  const exact = Number(match[1]) * MILLISECONDS[match[2] as keyof typeof MILLISECONDS];
  const count = Math.round(exact);
  // Binary fractions are never quite what was written: 1.005 s is 1004.9999999999999 ms.
  if (Math.abs(exact - count) > 1e-6 || count > MILLISECONDS.h * 8_760) {
    invalidOption(path, 'must be whole milliseconds, and a year at the most', value, DURATION_FORM.remedy);
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
  return count === 0 ? invalidOption(path, 'must be longer than zero', value, `write for example '${example}'`) : count;
}

/** A duration as Envoy reads it: seconds, at most three decimals. */
export function seconds(path: string, value: Duration): `${number}s` {
  return `${milliseconds(path, value) / 1_000}s`;
}

/** A duration that Envoy needs to be more than nothing. */
export function positiveSeconds(path: string, value: Duration): `${number}s` {
  if (milliseconds(path, value) === 0) {
    invalidOption(path, 'must be longer than zero', value, "write for example '1s'");
  }
  return seconds(path, value);
}

const BYTES = { KiB: 1_024, MiB: 1_024 ** 2, GiB: 1_024 ** 3 } as const;

/** The bytes of an amount of memory. */
export function bytes(path: string, value: Bytes): number {
  const match = /^(\d+(?:\.\d+)?)(KiB|MiB|GiB)$/.exec(value);
  const count = match ? Math.round(Number(match[1]) * BYTES[match[2] as keyof typeof BYTES]) : 0;
  if (count === 0) {
    invalidOption(path, `must be ${BYTES_FORM.description}`, value, BYTES_FORM.remedy);
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
    invalidOption(
      path,
      `must be a whole number from ${least} to ${most}`,
      value,
      'write it as a literal number in that range',
    );
  }
  return value;
}
