import type { RouteMatchOptions } from '../../options/route-match';
import { templateSegments } from './path-template';

/** A path in all spellings that an API may take for it, as an expression of RE2. */
export interface Spellings {
  readonly regex: string;
  /** The same up to the end of a text, for what is put in its place. */
  readonly beginning: string;
}

/**
 * What a segment is made of: of a path that Envoy has normalized, everything else is encoded. Case doesn't matter to it, and
 * with it Envoy 1.37 and 1.38, which read expressions as UTF-8, would make seven instructions of two.
 */
const SIGN = '(?-i:[!-.0-~])';
/** A slash, and the parameters before it that servers as Tomcat cut off: `;x/`, and `/;x/` of an empty segment. */
const SLASH = { text: `(?:/?;${SIGN}*)*/`, size: 7 };
const SEGMENT = { text: `${SIGN}+`, size: 3 };
const BELOW = { text: '(?:[;/]\\C*)?', size: 5 };
const ALONE = { text: `(?:/?;${SIGN}*)*/?`, size: 8 };

/** Envoy takes 100 instructions; two stand for `(?i)` and groups, and four for the ends. */
const LARGEST = 94;

/** The size of what can't be said. */
const UNKNOWN = Number.NaN;

interface Piece {
  readonly text: string;
  /** Instructions of RE2, at the most. */
  readonly size: number;
}

/**
 * In other letters, with a slash at its end, with parameters, and with signs that are encoded or not; or why no expression
 * says that.
 */
export function spellingsOf(path: RouteMatchOptions['path']): Spellings | string {
  const [pieces, end] = piecesOf(path);
  const size = [...pieces, end].reduce((sum, piece) => sum + piece.size, 0);
  if (Number.isNaN(size)) {
    return typeof path === 'object' && 'regex' in path
      ? 'is an expression with flags, counts or classes of Unicode'
      : 'has letters beyond ASCII';
  }
  if (size > LARGEST) {
    return 'is too long for the 100 instructions of an expression that Envoy takes';
  }
  const beginning = `(?i)${pieces.map(({ text }) => text).join('')}`;
  return { beginning, regex: `${beginning}${end.text}` };
}

function piecesOf(path: RouteMatchOptions['path']): [readonly Piece[], Piece] {
  if (typeof path === 'string') {
    return [literal(path), BELOW];
  }
  if ('exact' in path) {
    // Envoy merges all slashes but the two of `//`.
    return path.exact === '/' ? [[{ text: '/?', size: 1 }], ALONE] : [literal(path.exact.replace(/\/$/, '')), ALONE];
  }
  if ('regex' in path) {
    return [expression(path.regex), ALONE];
  }
  const segments = templateSegments(path.template).slice(1);
  const isDeep = segments.at(-1) === '**';
  const pieces = (isDeep ? segments.slice(0, -1) : segments).flatMap((segment) => [SLASH, ...wildcards(segment)]);
  return [pieces, isDeep ? BELOW : ALONE];
}

function wildcards(segment: string): Piece[] {
  return (segment.match(/\*\*?|[^*]+/g) ?? []).flatMap((part) =>
    part === '**' ? [{ text: '\\C*', size: 1 }] : part === '*' ? [SEGMENT] : literal(part),
  );
}

/** Each sign as it is and encoded. */
function literal(text: string): Piece[] {
  return (text.match(/%[0-9a-f]{2}|./gi) ?? []).map((sign) => {
    if (sign === '/') {
      return SLASH;
    }
    if (/^[\w~-]$/.test(sign)) {
      return { text: sign, size: sizeOf(sign) };
    }
    const code = sign.length > 1 ? Number.parseInt(sign.slice(1), 16) : sign.charCodeAt(0);
    const plain = String.fromCharCode(code).replace(/\W/, '\\$&');
    const hex = code.toString(16).padStart(2, '0');
    return { text: `(?:${plain}|%${hex})`, size: code < 128 ? 6 : UNKNOWN };
  });
}

/** Its slashes, but for those within classes, which are no ends of segments. */
function expression(regex: string): Piece[] {
  const bare = regex.replace(/^\(\?i\)/, '');
  const parts = bare.match(/\[\^?\]?(?:\\.|[^\]])*\]|\\.|[^\\]/gs) ?? [];
  const isKnown = !/\\[QEpP]|\(\?(?!:)|\{\d/.test(bare);
  const inside = parts.map((part) => KNOWN.get(part) ?? { text: part, size: sizeOf(part) });
  return [{ text: '(?:', size: 0 }, ...inside, { text: ')', size: isKnown ? 0 : UNKNOWN }];
}

const KNOWN = new Map<string, Piece>([
  ['/', SLASH],
  ['\\/', SLASH],
  ['[^/]', { text: SIGN, size: 2 }],
]);

/** Instructions, at the most, where RE2 reads UTF-8 and takes letters in both cases: two more letters are a k and an s. */
function sizeOf(part: string): number {
  if (/^(?:\[\^|\\[WDS])/.test(part)) {
    return 28;
  }
  if (part.startsWith('[')) {
    return 8 + part.length;
  }
  return /^\\\w|^\.$/.test(part) ? 8 : /^k$/i.test(part) ? 4 : /^s$/i.test(part) ? 3 : 1;
}
