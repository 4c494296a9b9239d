import { createPositionFinder } from '../envoy/host-api';
import { UsageError } from './usage-error';

/** The text of a file: UTF-8, or UTF-16 with a mark of its byte order, as Envoy reads both. */
export function decodeText(file: string, bytes: Uint8Array): string {
  const encoding = detectEncoding(bytes);
  const text = new TextDecoder(encoding, { ignoreBOM: true }).decode(bytes);
  const wrong = encoding === 'utf-8' ? findFirstInvalid(text, bytes) : text.indexOf('\uFFFD');
  if (wrong >= 0) {
    const { line, column } = createPositionFinder(text)(wrong);
    throw new UsageError(`${file}:${line}:${column} is not text in ${encoding.toUpperCase()}; save it as UTF-8`);
  }
  return text;
}

function detectEncoding([first, second]: Uint8Array): 'utf-8' | 'utf-16le' | 'utf-16be' {
  if (first === 0xff && second === 0xfe) {
    return 'utf-16le';
  }
  return first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
}

/** Where the text, which has a U+FFFD for what was wrong, isn't what the bytes are. */
function findFirstInvalid(text: string, bytes: Uint8Array): number {
  const again = Buffer.from(text);
  if (again.equals(bytes)) {
    return -1;
  }
  const place = again.findIndex((byte, index) => byte !== bytes[index]);
  return Buffer.from(again.subarray(0, place))
    .toString()
    .replace(/\uFFFD$/, '').length;
}
