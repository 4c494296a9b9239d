/** Where and why reading ends: what comes after would be a guess. */
export class ReadError extends Error {
  constructor(
    /** The place in the text, in UTF-16 units from its beginning. */
    readonly offset: number,
    readonly rule: string,
    message: string,
  ) {
    super(message);
  }
}

/** How many maps and lists may be inside of each other: as many as Envoy takes. */
export const MAX_DEPTH = 100;

export const nestedTooDeeply = (offset: number) =>
  new ReadError(offset, 'nesting', `is nested more than ${MAX_DEPTH} maps and lists deep, which Envoy refuses`);
