const INTEGER = /^([+-]?)(?:(0[xX][0-9a-fA-F]+)|(0[0-7]*)|([1-9][0-9]*))[ \t\n\v\f\r]*$/;
const TRUE = inThreeCases('y', 'yes', 'true', 'on');
const FALSE = inThreeCases('n', 'no', 'false', 'off');
const NULL = new Set(['', '~', 'null', 'Null', 'NULL']);

/** yaml-cpp takes words in lower, upper and title case, and no other. */
function inThreeCases(...lower: string[]): ReadonlySet<string> {
  return new Set(lower.flatMap((word) => [word, word.toUpperCase(), word.charAt(0).toUpperCase() + word.slice(1)]));
}

/** Whether text without quotes and without a tag is null. */
export function isNullText(text: string): boolean {
  return NULL.has(text);
}

/**
 * What Envoy makes of text without quotes: a boolean, an integer, or text. Fractions stay text, which its fields for numbers
 * take, and so do integers of more than 32 bits, in decimal digits.
 */
export function parsePlainScalar(text: string): boolean | number | string {
  if (TRUE.has(text)) {
    return true;
  }
  if (FALSE.has(text)) {
    return false;
  }
  return parseInteger(text) ?? text;
}

function parseInteger(text: string): number | string | undefined {
  const [, sign, hex, octal, decimal] = INTEGER.exec(text) ?? [];
  const digits = hex ?? (octal && `0o${octal}`) ?? decimal;
  // What is longer than this doesn't fit into 64 bits, and BigInt takes long for megabytes of it.
  if (digits === undefined || digits.length > 100) {
    return undefined;
  }
  const value = sign === '-' ? -BigInt(digits) : BigInt(digits);
  if (BigInt.asIntN(64, value) !== value) {
    return undefined;
  }
  return BigInt.asIntN(32, value) === value ? Number(value) : String(value);
}
