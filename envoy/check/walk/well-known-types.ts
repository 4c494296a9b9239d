import type { Reading } from './scalars';
import type { Violation } from './violation-collector';

/** Whether JSON has text for it, though it is a message. */
export function isWrittenAsText(type: string): boolean {
  return TEXTS.has(type);
}

const TEXTS: ReadonlySet<string> = new Set([
  'google.protobuf.Duration',
  'google.protobuf.Timestamp',
  'google.protobuf.FieldMask',
]);

/** Reads a Duration, a Timestamp or a FieldMask. The value of the first is its seconds. */
export function readWellKnownType(type: string, value: unknown): Reading {
  switch (type) {
    case 'google.protobuf.Duration':
      return readDuration(value);
    case 'google.protobuf.Timestamp':
      return readTimestamp(value);
    default:
      return typeof value === 'string'
        ? { value }
        : { fault: { rule: 'field-mask', message: 'must be names of fields with commas between them', got: value } };
  }
}

/** More than that is no number of nanoseconds in 64 bits, which is what Envoy counts in. */
const LONGEST = 9_223_372_035;

function readDuration(value: unknown): Reading {
  const rule = 'duration';
  const match = typeof value === 'string' ? /^(-?\d+(?:\.\d{1,9})?)s$/.exec(value) : null;
  if (!match) {
    return {
      fault: { rule, message: "must be seconds with an 's' behind", got: value, remedy: suggestDuration(value) },
    };
  }
  const fault = checkSeconds(Number(match[1]), value);
  return fault ? { fault } : { value: Number(match[1]) };
}

/** What is wrong with this many seconds, if anything. */
export function checkSeconds(seconds: number, got: unknown): Violation | undefined {
  if (seconds < 0) {
    return { rule: 'duration.negative', message: 'must not be negative', got };
  }
  return seconds >= LONGEST + 1
    ? { rule: 'duration.long', message: `must be ${LONGEST}s (292 years) at the most`, got }
    : undefined;
}

const UNITS: Readonly<Record<string, number>> = { ms: 0.001, m: 60, min: 60, h: 3600, d: 86_400 };

/** The same in seconds, where it can be told what was meant. */
function suggestDuration(value: unknown): string {
  const [, count, unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*(ms|m|min|h|d|s|)\s*$/i.exec(String(value)) ?? [];
  const seconds = Number(count) * (UNITS[unit.toLowerCase()] ?? 1);
  return `write for example '${Number.isNaN(seconds) ? '1.5' : Number(seconds.toFixed(9))}s'`;
}

const TIMESTAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

function readTimestamp(value: unknown): Reading {
  return typeof value === 'string' && TIMESTAMP.test(value)
    ? { value }
    : {
        fault: {
          rule: 'timestamp',
          message: 'must be a time',
          got: value,
          remedy: "write for example '2030-01-31T12:00:00Z'",
        },
      };
}
