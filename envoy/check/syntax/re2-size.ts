/** Why RE2 does not compile an expression. */
export class Re2Error extends Error {}

/** A part of an expression: at least how many instructions it is, how often it repeats what is inside, and what it is. */
export interface Part {
  readonly size: number;
  readonly repeats: number;
  /** It may match nothing, so that RE2 need not write it out as often as it is repeated. */
  readonly empty: boolean;
  /** Nothing but these characters. */
  readonly literal?: string;
}

export interface Times {
  readonly text: string;
  readonly least: number;
  /** Nothing where there is no end to it. */
  readonly most: number | undefined;
}

export const NOTHING: Part = { size: 0, repeats: 1, empty: true, literal: '' };
export const ONE: Part = { size: 1, repeats: 1, empty: false };
export const POSITION: Part = { size: 0, repeats: 1, empty: true };
export const MAX_REPEATS = 1_000;

export function toPart(text: string): Part {
  // A character of UTF-8 is read as the bytes that it is made of.
  const code = text.codePointAt(0) ?? 0;
  const bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  return { size: bytes, repeats: 1, empty: false, literal: text };
}

export function joinParts(one: Part, other: Part): Part {
  const literal = one.literal !== undefined && other.literal !== undefined ? one.literal + other.literal : undefined;
  return {
    size: one.size + other.size,
    repeats: Math.max(one.repeats, other.repeats),
    empty: one.empty && other.empty,
    ...(literal !== undefined && { literal }),
  };
}

export function repeatPart(part: Part, { text, least, most }: Times): Part {
  const times = most ?? least;
  const repeats = part.repeats * Math.max(1, times);
  if (repeats > MAX_REPEATS) {
    throw new Re2Error(
      `repeats '${text}' what is repeated itself, more than ${MAX_REPEATS} times together; write smaller numbers`,
    );
  }
  const copies = part.empty ? Math.min(1, times) : Math.max(times, most === undefined ? 1 : 0);
  return { size: part.size * copies, repeats, empty: part.empty || least === 0 };
}

/** The characters of these words where what they begin with in common is written once, and single last ones as a class. */
export function prefixTreeSize(words: readonly string[]): number {
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
  return Math.min(1, leaves) + inner.reduce((sum, tails) => sum + 1 + prefixTreeSize(tails), 0);
}

/** The ends of the program are two instructions, and what may start anywhere has a loop of two in front. */
export const ANCHORED = /^(?:\((?:\?[imsU-]*[:)]|\?P?<\w+>)?)*(?:\^|\\A)/;

/** Plain text at the start, which RE2 compares without its program. */
export function prefixLength(pattern: string): number {
  const [prefix = ''] = /^(?:\^|\\A)(?:[A-Za-z0-9/_-]|\\[^A-Za-z0-9])*/.exec(pattern) ?? [];
  return prefix.length;
}
