import { ReadError } from './refusal';

/** JSON, with numbers as JavaScript has them, as Envoy's own reader of JSON has doubles too. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const offset = Number(/ at position (\d+)/.exec(message)?.[1] ?? (/end of JSON/.test(message) ? text.length : 0));
    throw new ReadError(offset, 'json', 'is not JSON, which a file that ends in .json must be');
  }
}
