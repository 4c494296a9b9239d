import type { Rules } from '../../messages/schema/model';
import type { Scalar } from './scalars';
import type { Violation } from './violation-collector';

/** The faults of a value that has the right type by the rules of its field. `kind` goes into the names of the rules. */
export function checkConstraints(kind: string, rules: Rules, value: Scalar, got: unknown): Violation[] {
  if (rules.ignore_empty && (value === '' || value === 0)) {
    return [];
  }
  const fault = (rule: string, message: string): Violation => ({ rule: `${kind}.${rule}`, message, got });
  const broken =
    typeof value === 'string'
      ? checkText(rules, value)
      : typeof value === 'boolean'
        ? []
        : checkBounds(kind, rules, value);
  const sizes = typeof value === 'string' ? checkLengths(kind, rules, value) : [];
  return [...checkSets(rules, value, got).map((one) => fault(...one)), ...sizes, ...broken.map((one) => fault(...one))];
}

type BrokenRule = readonly [rule: string, message: string];

function checkSets(rules: Rules, value: Scalar, got: unknown): BrokenRule[] {
  // A value of 64 bits may be a bigint, which is never the same as a number of the model.
  const is = (other: unknown) => other === value || (typeof value === 'bigint' && Number(value) === other);
  const broken: BrokenRule[] = [];
  if ('const' in rules && !is(rules.const)) {
    broken.push(['const', `must be ${String(rules.const)}`]);
  }
  if (rules.in && !rules.in.some(is)) {
    broken.push(['in', `must be one of ${rules.in.map(String).join(', ')}`]);
  }
  if (rules.not_in?.some(is)) {
    broken.push(['not_in', got === undefined ? 'must be set' : 'must be something else']);
  }
  return broken;
}

/** Not a number is within any bounds, as in Envoy. */
function checkBounds(kind: string, { lt, lte, gt, gte }: Rules, value: number | bigint): BrokenRule[] {
  const unit = kind === 'duration' ? 's' : '';
  const low: BrokenRule | undefined =
    gt !== undefined && value <= gt
      ? ['gt', `must be more than ${gt}${unit}`]
      : gte !== undefined && value < gte
        ? ['gte', `must be ${gte}${unit} at the least`]
        : undefined;
  const high: BrokenRule | undefined =
    lt !== undefined && value >= lt
      ? ['lt', `must be less than ${lt}${unit}`]
      : lte !== undefined && value > lte
        ? ['lte', `must be ${lte}${unit} at the most`]
        : undefined;
  const least = gt ?? gte;
  const most = lt ?? lte;
  if (least !== undefined && most !== undefined && most < least) {
    // An upper bound below the lower one means outside of both.
    return low && high ? [['range', `must not be from ${most}${unit} to ${least}${unit}`]] : [];
  }
  return [low, high].filter((broken) => broken !== undefined);
}

function checkLengths(
  kind: string,
  { len, min_len, max_len, min_bytes, max_bytes }: Rules,
  value: string,
): Violation[] {
  const unit = kind === 'bytes' ? 'byte' : 'character';
  const count = kind === 'bytes' ? value.length : countCharacters(value);
  return [
    ...checkSize(kind, ['len', 'min_len', 'max_len'], unit, len ?? min_len, len ?? max_len, count),
    ...(min_bytes === undefined && max_bytes === undefined
      ? []
      : checkSize(kind, ['len_bytes', 'min_bytes', 'max_bytes'], 'byte', min_bytes, max_bytes, utf8Length(value))),
  ];
}

function checkText(rules: Rules, value: string): BrokenRule[] {
  const broken: BrokenRule[] = [];
  if (rules.pattern !== undefined && !matches(rules.pattern, value)) {
    broken.push(['pattern', `must match ${rules.pattern}`]);
  }
  if (rules.prefix !== undefined && !value.startsWith(rules.prefix)) {
    broken.push(['prefix', `must begin with '${rules.prefix}'`]);
  }
  if (rules.suffix !== undefined && !value.endsWith(rules.suffix)) {
    broken.push(['suffix', `must end with '${rules.suffix}'`]);
  }
  if (rules.contains !== undefined && !value.includes(rules.contains)) {
    broken.push(['contains', `must hold '${rules.contains}'`]);
  }
  if (rules.not_contains !== undefined && value.includes(rules.not_contains)) {
    broken.push(['not_contains', `must not hold '${rules.not_contains}'`]);
  }
  const header = rules.well_known === undefined ? undefined : HEADERS[rules.well_known];
  if (header && !(rules.strict === false ? LOOSE : header.pattern).test(value)) {
    broken.push(['well_known', rules.strict === false ? 'must not hold NUL, CR or LF' : header.message]);
  }
  return broken;
}

/** All but these control characters. As text, since a control character in an expression is mostly a slip. */
const withoutCharacters = (range: string) => new RegExp(`^[^${range}]*$`);

const LOOSE = withoutCharacters(String.raw`\u0000\n\r`);

const HEADERS: Readonly<Record<string, { readonly pattern: RegExp; readonly message: string }>> = {
  HTTP_HEADER_NAME: { pattern: /^:?[\w!#$%&'*+,\-.^|~`]+$/, message: 'must be the name of a header' },
  HTTP_HEADER_VALUE: {
    pattern: withoutCharacters(String.raw`\u0000-\u0008\u000a-\u001f\u007f`),
    message: 'must not hold control characters',
  },
};

/** The faults of the size of a list, a map or a text: `needs at least 1 item`. */
export function checkSize(
  kind: string,
  [exact, least, most]: readonly [string, string, string],
  unit: string,
  min: number | undefined,
  max: number | undefined,
  count: number,
): Violation[] {
  const many = (number: number) => `${number} ${unit}${number === 1 ? '' : 's'}`;
  if (min !== undefined && count < min) {
    const has = count === 0 ? '' : `, has ${count}`;
    return [{ rule: `${kind}.${min === max ? exact : least}`, message: `needs at least ${many(min)}${has}` }];
  }
  return max !== undefined && count > max
    ? [{ rule: `${kind}.${min === max ? exact : most}`, message: `may have ${many(max)} at the most, has ${count}` }]
    : [];
}

function countCharacters(value: string): number {
  let count = 0;
  for (const _ of value) {
    count += 1;
  }
  return count;
}

export function utf8Length(value: string): number {
  let bytes = 0;
  for (const character of value) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
}

const compiledPatterns = new Map<string, RegExp | undefined>();

/** Whether all of the value matches, by a pattern of RE2; one that JavaScript can't read matches everything. */
function matches(pattern: string, value: string): boolean {
  if (!compiledPatterns.has(pattern)) {
    let expression: RegExp | undefined;
    try {
      expression = new RegExp(`^(?:${pattern})$`, 'u');
    } catch {
      expression = undefined;
    }
    compiledPatterns.set(pattern, expression);
  }
  return compiledPatterns.get(pattern)?.test(value) ?? true;
}
