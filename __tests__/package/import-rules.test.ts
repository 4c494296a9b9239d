import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '../..');
const CONFIG = '.dependency-cruiser.cjs';
const CRUISER = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

/** One import that breaks each rule: the importing file and the imported one. */
const VIOLATIONS: Readonly<Record<string, readonly [string, string]>> = {
  'no-circle': ['envoy/messages/circle.ts', 'envoy/messages/circle-end.ts'],
  'lib-layer-terraform': ['lib/terraform/q.ts', 'lib/docker/volumes.ts'],
  'lib-layer-docker': ['lib/docker/r.ts', 'lib/upstream/upstream.ts'],
  'lib-layer-upstream': ['lib/upstream/s.ts', 'lib/api/api-service.ts'],
  'envoy-layer-messages': ['envoy/messages/a.ts', 'envoy/options/units.ts'],
  'envoy-layer-options': ['envoy/options/b.ts', 'envoy/fragments/fragment.ts'],
  'envoy-layer-fragments': ['envoy/fragments/c.ts', 'envoy/features/registry.ts'],
  'envoy-layer-features': ['envoy/features/shared/d.ts', 'envoy/assemble/assemble.ts'],
  'envoy-layer-assemble': ['envoy/assemble/e.ts', 'envoy/spec/proxy-spec.ts'],
  'envoy-knows-no-host': ['envoy/spec/f.ts', 'lib/docker/volumes.ts'],
  'check-is-independent': ['envoy/check/g.ts', 'envoy/fragments/fragment.ts'],
  'who-may-check': ['envoy/features/h.ts', 'envoy/check/check.ts'],
  'yaml-is-independent': ['envoy/yaml/i.ts', 'envoy/options/units.ts'],
  'feature-alone': ['envoy/features/jwt/provider.ts', 'envoy/features/cors.ts'],
  'shared-knows-no-feature': ['envoy/features/shared/j.ts', 'envoy/features/cors.ts'],
  'features-by-registry': ['envoy/assemble/k.ts', 'envoy/features/cors.ts'],
  'envoy-by-its-entries': ['lib/docker/l.ts', 'envoy/options/units.ts'],
  'toolkit-in-one-file': ['lib/docker/m.ts', 'node_modules/constructs'],
  'host-alone': ['lib/hosts/docker-container/n.ts', 'lib/hosts/swarm-service/o.ts'],
  pure: ['envoy/options/p.ts', 'node:fs'],
};

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'import-rules-'));
  for (const file of [CONFIG, 'tsconfig.json']) {
    cpSync(join(ROOT, file), join(folder, file));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function writeModule(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

/** Writes a file that imports another one, which is written, too. A type import counts as any other. */
function writeImport(from: string, to: string): void {
  if (to.startsWith('node:')) {
    writeModule(from, `import type { Stats } from '${to}';\nexport type A = Stats;\n`);
    return;
  }
  const isPackage = to.startsWith('node_modules/');
  const specifier = isPackage ? to.slice('node_modules/'.length) : `${'../'.repeat(from.split('/').length - 1)}${to}`;
  writeModule(isPackage ? `${to}/index.d.ts` : to, 'export type A = 1;\n');
  writeModule(from, `import type { A } from '${specifier.replace(/\.ts$/, '')}';\nexport type B = A;\n`);
}

function brokenRules(): string[] {
  const { stdout } = spawnSync(
    process.execPath,
    [CRUISER, '--config', CONFIG, '--output-type', 'json', 'envoy', 'lib', 'cli'],
    { cwd: folder, encoding: 'utf8', maxBuffer: 1e8 },
  );
  const { violations } = JSON.parse(stdout).summary as { violations: { rule: { name: string }; from: string }[] };
  return violations.map(({ rule, from }) => `${rule.name}: ${from}`);
}

test('a deliberate violation of each import rule fails', () => {
  writeModule('cli/main.ts', '');
  for (const [from, to] of Object.values(VIOLATIONS)) {
    writeImport(from, to);
  }
  writeModule('envoy/messages/circle-end.ts', "import type { B } from './circle';\nexport type A = B;\n");
  const found = brokenRules();
  // A circle is reported at one of its files.
  const isFound = (rule: string, files: readonly string[]) => files.some((file) => found.includes(`${rule}: ${file}`));
  expect(Object.entries(VIOLATIONS).filter(([rule, files]) => !isFound(rule, files))).toEqual([]);
});

test('each import rule has its violation here', () => {
  const config = execFileSync(process.execPath, ['-p', `JSON.stringify(require('./${CONFIG}').forbidden)`], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const names = (JSON.parse(config) as { name: string }[]).map(({ name }) => name);
  expect(Object.keys(VIOLATIONS).sort()).toEqual(names.sort());
});
