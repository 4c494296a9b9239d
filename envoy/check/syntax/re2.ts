import {
  ANCHORED,
  joinParts,
  MAX_REPEATS,
  NOTHING,
  ONE,
  type Part,
  POSITION,
  prefixLength,
  prefixTreeSize,
  Re2Error,
  repeatPart,
  type Times,
  toPart,
} from './re2-size';

/**
 * What RE2 does not take of a regular expression, and the least of instructions that it compiles it to. Envoy reads
 * expressions as Latin-1 and refuses those of more than 100 instructions, unless its runtime says otherwise.
 */
export function readRe2(pattern: string): { readonly fault?: string; readonly size: number } {
  const reader = new Reader(pattern);
  try {
    const { size } = reader.alternatives();
    if (reader.rest() !== '') {
      throw new Re2Error("has a ')' without its '('; write '\\)' for the character");
    }
    return { size: Math.max(0, size - prefixLength(pattern)) + (ANCHORED.test(pattern) ? 2 : 4) };
  } catch (fault) {
    if (fault instanceof Re2Error) {
      return { fault: fault.message, size: 0 };
    }
    throw fault;
  }
}

const stickyPatterns = new Map<string, RegExp>();

/** The same expression, for one place alone. */
function toSticky({ source, flags }: RegExp): RegExp {
  const found = stickyPatterns.get(source) ?? new RegExp(source, `${flags}y`);
  stickyPatterns.set(source, found);
  return found;
}

class Reader {
  private at = 0;
  private depth = 0;

  constructor(private readonly pattern: string) {}

  rest(): string {
    return this.pattern.slice(this.at);
  }

  private take(expected: RegExp): RegExpExecArray | undefined {
    const found = toSticky(expected);
    found.lastIndex = this.at;
    const match = found.exec(this.pattern);
    this.at += match?.[0].length ?? 0;
    return match ?? undefined;
  }

  alternatives(): Part {
    const branches = [this.sequence()];
    while (this.take(/\|/)) {
      branches.push(this.sequence());
    }
    const [first] = branches;
    if (branches.length === 1 && first) {
      return first;
    }
    const literals = branches.flatMap(({ literal }) => (literal === undefined ? [] : [literal]));
    // Longer words than that are too large by themselves, and too deep to look into.
    const plain = literals.length === branches.length && literals.every(({ length }) => length <= MAX_REPEATS);
    const size = plain ? prefixTreeSize(literals) : Math.max(...branches.map((branch) => branch.size));
    return {
      size,
      repeats: Math.max(...branches.map(({ repeats }) => repeats)),
      empty: branches.some(({ empty }) => empty),
    };
  }

  private sequence(): Part {
    const parts: Part[] = [];
    let repeated = false;
    for (let rest = this.rest(); rest !== '' && rest[0] !== '|' && rest[0] !== ')'; rest = this.rest()) {
      const times = this.repetition();
      if (times) {
        const last = parts.pop();
        if (!last) {
          throw new Re2Error(`has nothing to repeat before '${times.text}'; write '\\${times.text}' for the character`);
        }
        if (repeated) {
          throw new Re2Error(`repeats a repetition with '${times.text}'; RE2 has no possessive quantifiers, remove it`);
        }
        parts.push(repeatPart(last, times));
        repeated = true;
      } else {
        const part = this.atom();
        if (part) {
          parts.push(part);
        }
        repeated = false;
      }
    }
    return parts.reduce(joinParts, NOTHING);
  }

  private repetition(): Times | undefined {
    const simple = this.take(/([*+?])\??/);
    if (simple) {
      const [text, sign] = simple;
      return { text, least: sign === '+' ? 1 : 0, most: undefined };
    }
    const [text, least = '', comma, most] = this.take(/\{(\d+)(?:(,)(\d*))?\}\??/) ?? [];
    if (text === undefined) {
      return undefined;
    }
    const from = Number(least);
    const to = comma === undefined ? from : most ? Number(most) : undefined;
    if (from > MAX_REPEATS || (to ?? 0) > MAX_REPEATS || from > (to ?? from)) {
      throw new Re2Error(
        `repeats '${text}'; the first number must not be above the second, and none above ${MAX_REPEATS}`,
      );
    }
    return { text, least: from, most: to };
  }

  /** One thing that can be repeated; nothing for flags. */
  private atom(): Part | undefined {
    const quoted = this.take(/\\Q([\s\S]*?)(?:\\E|$)/);
    if (quoted) {
      const { 1: text = '' } = quoted;
      return text === '' ? undefined : [...text].map(toPart).reduce(joinParts, NOTHING);
    }
    if (this.take(/\(/)) {
      return this.group();
    }
    if (this.take(/\[/)) {
      return this.characterClass();
    }
    if (this.take(/[$^]|\\[bBAz]/)) {
      return POSITION;
    }
    if (this.take(/\./)) {
      // All but the line feed are two ranges, unless a flag says that it is meant too.
      return /\(\?[imU]*s/.test(this.pattern) ? ONE : { ...ONE, size: 2 };
    }
    if (this.take(/\\C/) || this.take(PERL_CLASS) || this.unicodeClass()) {
      return ONE;
    }
    return toPart(this.character());
  }

  private group(): Part | undefined {
    if (this.take(/\?(?=[imsU]*(?:-[imsU]+)?\))/)) {
      this.take(/[imsU-]*\)/);
      return undefined;
    }
    const captures = !this.take(/\?[imsU]*(?:-[imsU]+)?:/);
    if (captures && !this.take(/\?P?<\w+>/) && this.rest().startsWith('?')) {
      const [operator] = /^\?(?:P?[<=>][=!]?|.)?/.exec(this.rest()) ?? [''];
      throw new Re2Error(`has '(${operator}', which RE2 does not know${GROUPS[operator] ?? ''}`);
    }
    this.depth += 1;
    if (this.depth > MAX_REPEATS) {
      throw new Re2Error(`is nested deeper than ${MAX_REPEATS} groups; write it flatter`);
    }
    const { literal, ...inside } = this.alternatives();
    this.depth -= 1;
    if (!this.take(/\)/)) {
      throw new Re2Error("has a '(' without its ')'; write '\\(' for the character");
    }
    return captures ? { ...inside, size: inside.size + 2 } : { ...inside, ...(literal !== undefined && { literal }) };
  }

  private characterClass(): Part {
    this.take(/\^/);
    for (let first = true; ; first = false) {
      if (this.rest() === '') {
        throw new Re2Error("has a '[' without its ']'; write '\\[' for the character");
      }
      if (!first && this.take(/\]/)) {
        return ONE;
      }
      const named = this.take(/\[:(\^?\w*):\]/);
      if (named) {
        if (!POSIX.test(named[1] ?? '')) {
          throw new Re2Error(`has the class '${named[0]}', which is not there; write for example '[[:alpha:]]'`);
        }
      } else if (!this.take(PERL_CLASS) && !this.unicodeClass()) {
        const from = this.character();
        if (this.take(/-(?!\])/)) {
          const to = this.character();
          if (from > to) {
            throw new Re2Error(`has the range '${from}-${to}', which holds nothing; swap its ends`);
          }
        }
      }
    }
  }

  private unicodeClass(): boolean {
    const found = this.take(/\\[pP](?:\{\^?([^}]*)\}|([A-Z]))/);
    if (!found) {
      return false;
    }
    const name = found[1] ?? found[2] ?? '';
    if (!isUnicodeClass(name)) {
      throw new Re2Error(`has '${found[0]}', which RE2 does not know; write for example '\\pL' or '\\p{Greek}'`);
    }
    return true;
  }

  private character(): string {
    const coded = this.take(
      /\\(?:0[0-7]{0,2}|[1-3][0-7]{1,2}|[4-7][0-7](?![0-7])|x[0-9a-fA-F]{2}|x\{0*[0-9a-fA-F]{1,2}\}|[afnrtv])/,
    );
    if (coded) {
      return coded[0];
    }
    // What is no letter or digit stands for itself.
    const plain = this.take(/\\([^A-Za-z0-9\u0080-\uffff])/) ?? this.take(/([^\\])/su);
    if (plain?.[1] !== undefined) {
      return plain[1];
    }
    const [text] = /^\\[\s\S]?/.exec(this.rest()) ?? [''];
    throw new Re2Error(
      text === '\\'
        ? "ends with a '\\'; write '\\\\' for the character"
        : /\\[1-9]/.test(text)
          ? `refers back with '${text}', which RE2 does not do; write it without`
          : `has '${text}', which RE2 does not know; remove the '\\'`,
    );
  }
}

const LOOK = '; RE2 looks neither ahead nor behind, write it without';
const GROUPS: Readonly<Record<string, string>> = { '?=': LOOK, '?!': LOOK, '?<=': LOOK, '?<!': LOOK };
const PERL_CLASS = /\\[dDsSwW]/;
const POSIX = /^\^?(alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit)$/;

function isUnicodeClass(name: string): boolean {
  if (name === 'Any') {
    return true;
  }
  const property = name.length <= 2 ? `gc=${name}` : `Script=${name}`;
  try {
    new RegExp(`\\p{${property}}`, 'u');
    return /^\w+$/.test(name) && name !== 'Cn' && name !== 'LC';
  } catch {
    return false;
  }
}
