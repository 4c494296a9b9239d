import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

const CONFIGURATION = /\.(ya?ml|json)$/i;

/** What holds no configuration of its owner: packages of others, and what tools keep. */
const SKIPPED = /^(\.|node_modules$)/;

/** The .yaml, .yml and .json files below a folder, in the order of their names; nothing for a path that is no folder. */
export async function findFilesBelow(path: string): Promise<readonly string[] | undefined> {
  let entries: Awaited<ReturnType<typeof readEntries>>;
  try {
    entries = await readEntries(path);
  } catch {
    // Reading it as a file tells what is wrong with it.
    return undefined;
  }
  const files = entries
    .filter(({ name }) => !SKIPPED.test(name))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map(async (entry) => {
      const below = join(path, entry.name);
      if (entry.isDirectory()) {
        return (await findFilesBelow(below)) ?? [];
      }
      return entry.isFile() && CONFIGURATION.test(entry.name) ? [below] : [];
    });
  return (await Promise.all(files)).flat();
}

const readEntries = (path: string) => readdir(path, { withFileTypes: true });
