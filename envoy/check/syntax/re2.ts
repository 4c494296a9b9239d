/**
 * What RE2 does not take of a regular expression, and the least of instructions that it compiles it to. Envoy reads
 * expressions as Latin-1 and refuses those of more than 100 instructions, unless its runtime says otherwise.
 */
export function readRe2(pattern: string): { readonly fault?: string; readonly size: number } {
  const reader = new Reader(pattern);
  try {
    const { size } = reader.alternatives();
    if (reader.rest() !== '') {
      throw new Fault("has a ')' without its '('; write '\\)' for the character");
    }
    return { size: Math.max(0, size - requiredPrefix(pattern)) + (ANCHORED.test(pattern) ? 2 : 4) };
  } catch (fault) {
    if (fault instanceof Fault) {
      return { fault: fault.message, size: 0 };
    }
    throw fault;
  }
}

class Fault extends Error {}

/** The ends of the program are two instructions, and what may start anywhere has a loop of two in front. */
const ANCHORED = /^(?:\((?:\?[imsU-]*[:)]|\?P?<\w+>)?)*(?:\^|\\A)/;

/** Plain text at the start, which RE2 compares without its program. */
function requiredPrefix(pattern: string): number {
  const [prefix = ''] = /^(?:\^|\\A)(?:[A-Za-z0-9/_-]|\\[^A-Za-z0-9])*/.exec(pattern) ?? [];
  return prefix.length;
}

/** A part of an expression: at least how many instructions it is, how often it repeats what is inside, and what it is. */
interface Part {
  readonly size: number;
  readonly repeats: number;
  /** It may match nothing, so that RE2 need not write it out as often as it is repeated. */
  readonly empty: boolean;
  /** Nothing but these characters. */
  readonly literal?: string;
}

const NOTHING: Part = { size: 0, repeats: 1, empty: true, literal: '' };
const ONE: Part = { size: 1, repeats: 1, empty: false };
const POSITION: Part = { size: 0, repeats: 1, empty: true };
const MOST = 1_000;

const compiled = new Map<string, RegExp>();

/** The same expression, for one place alone. */
function sticky({ source, flags }: RegExp): RegExp {
  const found = compiled.get(source) ?? new RegExp(source, `${flags}y`);
  compiled.set(source, found);
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
    const found = sticky(expected);
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
    const plain = literals.length === branches.length && literals.every(({ length }) => length <= MOST);
    const size = plain ? prefixTree(literals) : Math.max(...branches.map((branch) => branch.size));
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
          throw new Fault(`has nothing to repeat before '${times.text}'; write '\\${times.text}' for the character`);
        }
        if (repeated) {
          throw new Fault(`repeats a repetition with '${times.text}'; RE2 has no possessive quantifiers, remove it`);
        }
        parts.push(repeat(last, times));
        repeated = true;
      } else {
        const part = this.atom();
        if (part) {
          parts.push(part);
        }
        repeated = false;
      }
    }
    return parts.reduce(join, NOTHING);
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
    if (from > MOST || (to ?? 0) > MOST || from > (to ?? from)) {
      throw new Fault(`repeats '${text}'; the first number must not be above the second, and none above ${MOST}`);
    }
    return { text, least: from, most: to };
  }

  /** One thing that can be repeated; nothing for flags. */
  private atom(): Part | undefined {
    const quoted = this.take(/\\Q([\s\S]*?)(?:\\E|$)/);
    if (quoted) {
      const { 1: text = '' } = quoted;
      return text === '' ? undefined : [...text].map(character).reduce(join, NOTHING);
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
    return character(this.character());
  }

  private group(): Part | undefined {
    if (this.take(/\?(?=[imsU]*(?:-[imsU]+)?\))/)) {
      this.take(/[imsU-]*\)/);
      return undefined;
    }
    const captures = !this.take(/\?[imsU]*(?:-[imsU]+)?:/);
    if (captures && !this.take(/\?P?<\w+>/) && this.rest().startsWith('?')) {
      const [operator] = /^\?(?:P?[<=>][=!]?|.)?/.exec(this.rest()) ?? [''];
      throw new Fault(`has '(${operator}', which RE2 does not know${GROUPS[operator] ?? ''}`);
    }
    this.depth += 1;
    if (this.depth > MOST) {
      throw new Fault(`is nested deeper than ${MOST} groups; write it flatter`);
    }
    const { literal, ...inside } = this.alternatives();
    this.depth -= 1;
    if (!this.take(/\)/)) {
      throw new Fault("has a '(' without its ')'; write '\\(' for the character");
    }
    return captures ? { ...inside, size: inside.size + 2 } : { ...inside, ...(literal !== undefined && { literal }) };
  }

  private characterClass(): Part {
    this.take(/\^/);
    for (let first = true; ; first = false) {
      if (this.rest() === '') {
        throw new Fault("has a '[' without its ']'; write '\\[' for the character");
      }
      if (!first && this.take(/\]/)) {
        return ONE;
      }
      const named = this.take(/\[:(\^?\w*):\]/);
      if (named) {
        if (!POSIX.test(named[1] ?? '')) {
          throw new Fault(`has the class '${named[0]}', which is not there; write for example '[[:alpha:]]'`);
        }
      } else if (!this.take(PERL_CLASS) && !this.unicodeClass()) {
        const from = this.character();
        if (this.take(/-(?!\])/)) {
          const to = this.character();
          if (from > to) {
            throw new Fault(`has the range '${from}-${to}', which holds nothing; swap its ends`);
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
      throw new Fault(`has '${found[0]}', which RE2 does not know; write for example '\\pL' or '\\p{Greek}'`);
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
    throw new Fault(
      text === '\\'
        ? "ends with a '\\'; write '\\\\' for the character"
        : /\\[1-9]/.test(text)
          ? `refers back with '${text}', which RE2 does not do; write it without`
          : `has '${text}', which RE2 does not know; remove the '\\'`,
    );
  }
}

interface Times {
  readonly text: string;
  readonly least: number;
  /** Nothing where there is no end to it. */
  readonly most: number | undefined;
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

function character(text: string): Part {
  // A character of UTF-8 is read as the bytes that it is made of.
  const code = text.codePointAt(0) ?? 0;
  const bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  return { size: bytes, repeats: 1, empty: false, literal: text };
}

function join(one: Part, other: Part): Part {
  const literal = one.literal !== undefined && other.literal !== undefined ? one.literal + other.literal : undefined;
  return {
    size: one.size + other.size,
    repeats: Math.max(one.repeats, other.repeats),
    empty: one.empty && other.empty,
    ...(literal !== undefined && { literal }),
  };
}

function repeat(part: Part, { text, least, most }: Times): Part {
  const times = most ?? least;
  const repeats = part.repeats * Math.max(1, times);
  if (repeats > MOST) {
    throw new Fault(
      `repeats '${text}' what is repeated itself, more than ${MOST} times together; write smaller numbers`,
    );
  }
  const copies = part.empty ? Math.min(1, times) : Math.max(times, most === undefined ? 1 : 0);
  return { size: part.size * copies, repeats, empty: part.empty || least === 0 };
}

/** The characters of these words where what they begin with in common is written once, and single last ones as a class. */
function prefixTree(words: readonly string[]): number {
  const groups = new Map<string, string[]>();
  for (const word of words) {
    if (word !== '') {
      const [head = ''] = word;
      const tails = groups.get(head) ?? [];
      tails.push(word.slice(head.length));
      groups.set(head, tails);
    }
  }
  const all = [...groups.values()];
  const leaves = all.filter((tails) => tails.every((tail) => tail === '')).length;
  const inner = all.filter((tails) => tails.some((tail) => tail !== ''));
  return Math.min(1, leaves) + inner.reduce((sum, tails) => sum + 1 + prefixTree(tails), 0);
}
