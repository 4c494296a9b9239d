import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const folder = mkdtempSync(join(tmpdir(), 'cli-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MAIN = resolve(__dirname, '../../cli/main.ts');
const TSX = require.resolve('tsx');

/** The tool as a process in a folder of its own. */
function tool(args: readonly string[], input = '') {
  const all = ['--import', TSX, MAIN, ...args];
  const { status, stdout, stderr } = spawnSync(process.execPath, all, { cwd: folder, encoding: 'utf8', input });
  return { status, stdout, stderr };
}

test('checks a file and the standard input', () => {
  writeFileSync(join(folder, 'good.yaml'), 'node: {id: a}\n');
  const fine = { status: 0, stdout: 'no problem found for Envoy 1.39\n', stderr: '' };
  expect(tool(['check', 'good.yaml'])).toEqual(fine);
  expect(tool(['check', '-'], 'node: {id: a}\n')).toEqual(fine);
});

test('exits with 2 and without a stack trace where there is nothing to check', () => {
  mkdirSync(join(folder, 'folder'));
  const refused = (message: string) => ({ status: 2, stdout: '', stderr: `cdktf-envoy-sidecar: ${message}\n` });
  expect(tool(['check', 'missing.yaml'])).toEqual(refused("missing.yaml can't be read: there is no such file"));
  expect(tool(['check', 'folder'])).toEqual(
    refused('folder has no file with static_resources or dynamic_resources in it'),
  );
  expect(tool(['check', '/dev/zero'])).toEqual(refused('/dev/zero has more than 64 MiB, which is too much to check'));
  expect(tool(['check', '-'], 'a: [')).toEqual({
    status: 2,
    stdout: `-:1:5 error is not YAML: flow sequence in block collection must be sufficiently indented and end with a ] (yaml)
1 error; it can't be checked
`,
    stderr: '',
  });
});
