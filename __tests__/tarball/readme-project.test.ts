import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { codeBlocksOf } from '../markdown-code';
import { Consumer, installedVersion, PROJECT, packed } from './consumer';

jest.setTimeout(600_000);

const files = new Map(codeBlocksOf('README.md').flatMap(({ title, code }) => (title ? [[title, code] as const] : [])));
let consumer: Consumer;

/**
 * The manifest of the README, with the packed package, and the versions that this project has of the others. The command
 * line of cdktf, which is large, is that of this project.
 */
function manifest(): string {
  const { dependencies, devDependencies, ...rest } = JSON.parse(files.get('package.json') ?? '');
  const { 'cdktf-envoy-sidecar': _, ...others } = dependencies;
  const { 'cdktf-cli': cli, ...tools } = devDependencies;
  const pinned = (names: object) =>
    Object.fromEntries(Object.keys(names).map((name) => [name, installedVersion(name).slice(name.length + 1)]));
  const tarball = `file:${join(process.env.TARBALL_FOLDER as string, packed.filename)}`;
  expect(cli).toBeDefined();
  return JSON.stringify({
    ...rest,
    dependencies: { ...pinned(others), 'cdktf-envoy-sidecar': tarball },
    devDependencies: pinned(tools),
  });
}

const synthesize = () => {
  const folders = [join(consumer.folder, 'node_modules/.bin'), join(PROJECT, 'node_modules/.bin'), process.env.PATH];
  return consumer.runWith({ PATH: folders.join(':'), CI: '1', CHECKPOINT_DISABLE: '1' }, 'cdktf', 'synth');
};

beforeAll(() => {
  consumer = new Consumer();
  for (const [name, text] of files) {
    consumer.write(name, text);
  }
  consumer.write('package.json', manifest());
  consumer.run('npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock');
});

afterAll(() => consumer.remove());

test('the README has the five files of the smallest project', () => {
  expect([...files.keys()].sort()).toEqual(['api.py', 'cdktf.json', 'main.ts', 'package.json', 'tsconfig.json']);
});

test('cdktf checks the types of the project and synthesizes it', () => {
  expect(synthesize()).toContain('Generated Terraform code for the stacks: calculator');
  expect(existsSync(join(consumer.folder, 'cdktf.out/stacks/calculator/cdk.tf.json'))).toBe(true);
});

test('a misspelled option fails the synthesis with the message of the compiler', () => {
  consumer.write('main.ts', (files.get('main.ts') ?? '').replace('timeouts:', 'timeout:'));
  expect(synthesize).toThrow(/main\.ts.*'timeout' does not exist/s);
});
