import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { ENVOY_VERSIONS } from '../envoy/messages/schema/envoy-minors';

const FILE = resolve(__dirname, '../envoy/messages/schema/envoy-patches.ts');
const REPOSITORY = 'https://github.com/envoyproxy/envoy';

/** The newest patch of each minor among tags, as `git ls-remote --tags` lists them. Release candidates are none. */
export function newestPatches(listing: string, minors: readonly string[]): Record<string, string> {
  const tags = [...listing.matchAll(/\trefs\/tags\/v(\d+\.\d+)\.(\d+)$/gm)];
  return Object.fromEntries(
    minors.map((minor) => {
      const patches = tags.filter((tag) => tag[1] === minor).map((tag) => Number(tag[2]));
      if (patches.length === 0) {
        throw new Error(`no tag is a patch of Envoy ${minor}`);
      }
      return [minor, `${minor}.${Math.max(...patches)}`];
    }),
  );
}

/** The text of the file with these patches in place of its own. */
export function withPatches(text: string, patches: Readonly<Record<string, string>>): string {
  return text.replace(/'(\d+\.\d+)': '[^']*'/g, (row, minor) =>
    patches[minor] === undefined ? row : `'${minor}': '${patches[minor]}'`,
  );
}

if (require.main === module) {
  const listing = execFileSync('git', ['ls-remote', '--tags', '--refs', REPOSITORY, 'v1.*'], { encoding: 'utf8' });
  writeFileSync(FILE, withPatches(readFileSync(FILE, 'utf8'), newestPatches(listing, ENVOY_VERSIONS)));
}
