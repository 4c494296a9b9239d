import { own } from '../../messages/schema/descriptors';
import type { Violation } from './violation-collector';

/** A scalar that rules can look at: bytes as a string of as many characters, enums as their numbers. */
export type Scalar = string | number | bigint | boolean;

/** What a value says. Without `value`, nobody can know: it is wrong, or Terraform puts it in later. */
export interface Reading {
  readonly value?: Scalar;
  readonly fault?: Violation;
}

const RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};

/** Whether this is the name of a scalar type of Protocol Buffers that the check knows. */
export function isScalar(type: string): boolean {
  return Object.hasOwn(DEFAULTS, type);
}

/** What a scalar is where nothing is set. */
export function defaultOfScalar(type: string): Scalar {
  return own(DEFAULTS, type) ?? 0;
}

const DEFAULTS: Readonly<Record<string, Scalar>> = {
  string: '',
  bytes: '',
  bool: false,
  double: 0,
  float: 0,
  int32: 0,
  int64: 0,
  uint32: 0,
  uint64: 0,
};

/** Reads a scalar the way Envoy does, which takes more than it should: that is a warning. */
export function readScalar(type: string, value: unknown): Reading {
  switch (type) {
    case 'string':
      return typeof value === 'string' ? { value } : invalid('string', 'must be a string', value, suggestQuotes(value));
    case 'bytes':
      return readBytes(value);
    case 'bool':
      return readBool(value);
    case 'double':
    case 'float':
      return readDouble(type, value);
    default:
      return readInteger(type, value);
  }
}

function suggestQuotes(value: unknown): string | undefined {
  return typeof value === 'number' || typeof value === 'boolean' ? 'put it in quotes' : undefined;
}

export function invalid(rule: string, message: string, got: unknown, remedy?: string): Reading {
  return { fault: { rule, message, got, ...(remedy === undefined ? {} : { remedy }) } };
}

export function acceptLeniently(value: Scalar, message: string, got: unknown, remedy: string): Reading {
  return { value, fault: { severity: 'warning', rule: 'lenient.string', message, got, remedy } };
}

function readBytes(value: unknown): Reading {
  const [, digits = ''] = (typeof value === 'string' && /^([\w+/-]*)(={0,2})$/.exec(value)) || [];
  // Without padding it is taken too; with padding there have to be whole groups of four.
  const padded = typeof value === 'string' && value.length > digits.length;
  if (typeof value !== 'string' || (value !== '' && digits === '') || digits.length % 4 === 1) {
    return invalid('bytes', 'must be base64', value);
  }
  return padded && value.length % 4 !== 0
    ? invalid('bytes', 'must be base64', value)
    : { value: 'x'.repeat(Math.floor((digits.length * 3) / 4)) };
}

const TRUE = /^(true|t|yes|y|1)$/i;
const FALSE = /^(false|f|no|n|0)$/i;

function readBool(value: unknown): Reading {
  if (typeof value === 'boolean') {
    return { value };
  }
  if (typeof value === 'string' && (TRUE.test(value) || FALSE.test(value))) {
    return acceptLeniently(TRUE.test(value), 'should be true or false', value, `write ${TRUE.test(value)}`);
  }
  return invalid('bool', 'must be true or false', value);
}

const FLOAT = /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i;
const HEX = /^\s*[+-]?0x[\da-f]+\s*$/i;

/** The number that a string holds, as C++ reads it. */
function parseCppNumber(text: string): number {
  const [, sign, digits = ''] = /^\s*([+-]?)(.*?)\s*$/.exec(text) ?? [];
  return FLOAT.test(text) || HEX.test(text) ? Number(digits) * (sign === '-' ? -1 : 1) : Number.NaN;
}

function readDouble(type: string, value: unknown): Reading {
  if (typeof value === 'string' && /^(NaN|-?Infinity)$/.test(value)) {
    return { value: Number(value) };
  }
  const number = typeof value === 'string' ? parseCppNumber(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number)) {
    return invalid(type, 'must be a number', value);
  }
  if (type === 'float' && !Number.isFinite(Math.fround(number))) {
    return invalid(type, 'must be within the range of 32 bits', value);
  }
  return typeof value === 'string'
    ? acceptLeniently(number, 'should be a number', value, `write ${number}`)
    : { value: number };
}

/** Reads a whole number: a number, or text that holds one. */
export function readInteger(type: string, value: unknown): Reading {
  const [least, most] = own(RANGES, type) ?? [0n, 0n];
  const number = typeof value === 'string' ? parseInteger(value) : value;
  if (typeof number !== 'bigint' && (typeof number !== 'number' || !Number.isInteger(number))) {
    return invalid(type, 'must be a whole number', value);
  }
  if (number < least || number > most) {
    return invalid(type, `must be from ${least} to ${most}`, value);
  }
  // Text is the proper way for 64 bits, since not all of them fit into a number of JSON.
  return typeof value === 'string' && !(type.endsWith('64') && /^-?\d+$/.test(value))
    ? acceptLeniently(number, 'should be a number', value, `write ${number}`)
    : { value: number };
}

function parseInteger(text: string): bigint | number {
  if (/\s/.test(text)) {
    return Number.NaN;
  }
  return /^[+-]?\d{1,40}$/.test(text) ? BigInt(text.replace('+', '')) : parseCppNumber(text);
}
