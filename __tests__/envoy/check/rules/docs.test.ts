import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(__dirname, '../../../..');

/** The names in every call that reports a problem. */
function inCode(): readonly string[] {
  const folder = join(root, 'envoy/check/rules');
  return readdirSync(folder).flatMap((file) => {
    const code = readFileSync(join(folder, file), 'utf8');
    return [...code.matchAll(/\b(?:error|warning|warning\)|report)\(\s*'([a-z0-9-]+)'/g)].map(([, rule]) => `${rule}`);
  });
}

function inDocs(): readonly string[] {
  const text = readFileSync(join(root, 'docs/reference/checks.md'), 'utf8');
  return [...text.matchAll(/^\| `([a-z0-9-]+)` \| (error|warning) \| .+ \| .+ \|$/gm)].map(([, rule]) => `${rule}`);
}

test('every rule has a row in docs/reference/checks.md, and every row its rule', () => {
  const unique = (names: readonly string[]) => [...new Set(names)].sort();
  expect(unique(inDocs())).toEqual(unique(inCode()));
  expect(unique(inDocs()).length).toBeGreaterThan(40);
});
