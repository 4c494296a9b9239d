import { ReadError } from './refusal';

/** Envoy has a reader for each, and takes a file whose name ends in `.json` for JSON. */
export type Format = 'yaml' | 'json';

/**
 * One escape after the other, those in the group being bad. YAML: what nobody knows, halves of a character, and `\N` and
 * `\_`, of which Envoy's reader makes broken bytes. JSON, which was parsed before: halves without the other one.
 */
const ESCAPES: Readonly<Record<Format, RegExp>> = {
  yaml: /\\(?:[0abtnvfre "/\\LP\t\r\n]|x[\da-fA-F]{2}|u(?![dD][89a-fA-F])[\da-fA-F]{4}|U00(?:0[\da-fA-F]|10)[\da-fA-F]{4}|([uU][\da-fA-F]*|[\s\S]))/g,
  json: /\\(?:u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|(u[dD][89a-fA-F][\da-fA-F]{2})|[\s\S])/g,
};

/** Refuses text in double quotes, which begins at this offset, for an escape that Envoy can't read. */
export function assertEscapes(quoted: string, offset: number, format: Format): void {
  for (const { 1: bad, index } of quoted.matchAll(ESCAPES[format])) {
    if (bad !== undefined) {
      throw new ReadError(offset + index, 'escape', `the escape \\${bad} can't be read; write the character itself`);
    }
  }
}
