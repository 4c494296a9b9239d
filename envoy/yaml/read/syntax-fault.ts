/** Where a text is no YAML, and why. */
export interface SyntaxProblem {
  readonly offset: number;
  readonly message: string;
}

/** Spaces that look like one and are none to YAML. */
const ODD_SPACE = /[\u00a0\u2007\u202f\u3000]/;
const TAB = /^ *(?:- *)?\t/m;

/**
 * What somebody did who wrote this, at the place that a parser of YAML does not understand: it tells of the grammar, and
 * often of the line before.
 */
export function explainSyntaxError(text: string, offset: number, message: string): SyntaxProblem {
  const start = text.lastIndexOf('\n', offset - 1) + 1;
  const [near = ''] = /^.*(?:\n.*)?/.exec(text.slice(start)) ?? [];
  const [line = ''] = near.split('\n');
  const space = near.search(ODD_SPACE);
  if (space >= 0) {
    return { offset: start + space, message: 'a no-break space, which is no space to YAML; write a plain space' };
  }
  const tab = TAB.exec(near);
  if (tab) {
    return {
      offset: start + tab.index + tab[0].length - 1,
      message: 'a tab in the indentation, which YAML does not take; indent with spaces',
    };
  }
  if (/^alias cannot be an empty/i.test(message)) {
    return { offset, message: "a '*' without quotes, which begins an alias in YAML; write '*' in quotes" };
  }
  const [, sign] = /cannot start with .* character (\S)/.exec(message) ?? [];
  if (sign !== undefined) {
    const [word = sign] = /^[^\s:,[\]{}]+/.exec(text.slice(offset)) ?? [];
    return { offset, message: `a '${sign}' that begins a text without quotes; write "${word}" in quotes` };
  }
  const [, dash, key, value] =
    /^\s*((?:- +)*-(?=[A-Za-z"']))?(?:- +)*(["']?[\w.@-]+["']?):(?!\s|$)(\S*)/.exec(line) ?? [];
  if (key !== undefined && value !== undefined && dash === undefined && !/^\/\//.test(value)) {
    return {
      offset: start + line.indexOf(`${key}:`),
      message: `no space behind the colon of '${key}:${value}'; write '${key}: ${value}'`,
    };
  }
  const [, item] = /^\s*-([A-Za-z"'][\w.]*):/.exec(line) ?? [];
  return item === undefined
    ? { offset, message: toOwnStyle(message) }
    : { offset: start + line.indexOf('-'), message: `no space behind the dash of '-${item}'; write '- ${item}'` };
}

/** Lower case and no full stop, as our own messages; names of characters and the like stay. */
function toOwnStyle(message: string): string {
  const first = /^[A-Z][a-z]/.test(message) ? message.charAt(0).toLowerCase() + message.slice(1) : message;
  return first.replace(/\.$/, '');
}
