import { createReadStream } from 'node:fs';
import { UsageError } from './usage-error';

/** More than any configuration has, and less than harms. */
const MAX_MEGABYTES = 64;

const REASONS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a folder, not a file',
  EACCES: 'you may not read it',
};

/** The bytes of a file, or of the standard input for `-`. */
export async function readFile(file: string): Promise<Uint8Array> {
  try {
    return await readBytes(file, file === '-' ? process.stdin : createReadStream(file));
  } catch (error) {
    if (error instanceof UsageError) {
      throw error;
    }
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    throw new UsageError(`${file} can't be read: ${REASONS[code] ?? code}`);
  }
}

async function readBytes(file: string, stream: AsyncIterable<Buffer>): Promise<Uint8Array> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of stream) {
    size += part.length;
    if (size > MAX_MEGABYTES * 1024 ** 2) {
      throw new UsageError(`${file} has more than ${MAX_MEGABYTES} MiB, which is too much to check`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts);
}
