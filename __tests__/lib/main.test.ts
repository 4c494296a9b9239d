import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DEFAULT_IMAGE } from '../../envoy/messages/resource-names';

const PROJECT = resolve(__dirname, '../..');
const OUTPUT = 'cdktf.out/stacks/calculator/cdk.tf.json';
const COPIED = ['main.ts', 'api.py', 'lib', 'envoy', 'package.json', 'tsconfig.json', 'cdktf.json'];
const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) {
    rmSync(folder, { recursive: true });
  }
});

/** Synthesizes the example in a copy of the project, as another user, elsewhere, on another day, with no other program. */
function synthesize(prefix: string, now: string, env: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), prefix));
  folders.push(folder);
  for (const name of COPIED) {
    cpSync(join(PROJECT, name), join(folder, name), { recursive: true });
  }
  symlinkSync(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
  const clock = `const now = () => ${Date.parse(now)} + performance.now();
    globalThis.Date = class extends Date { constructor(...at) { super(...(at.length === 0 ? [now()] : at)); } };
    Date.now = now;`;
  const preloads = ['--import', `data:text/javascript,${encodeURIComponent(clock)}`, '--import', 'tsx'];
  const output = execFileSync(process.execPath, [...preloads, 'main.ts'], {
    cwd: folder,
    env: { PATH: '', CHECKPOINT_DISABLE: '1', HOME: folder, ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return { folder, output, json: readFileSync(join(folder, OUTPUT), 'utf8') };
}

const one = synthesize('one-', '2020-01-02T03:04:05Z', { USER: 'someone-1', TZ: 'Pacific/Auckland', LANG: 'C' });
const other = synthesize('another-folder-', '2031-12-30T23:59:58Z', {
  USER: 'someone-2',
  TZ: 'UTC',
  LANG: 'de_DE.UTF-8',
});

test('the example gives no reason for a warning', () => {
  const manifest = JSON.parse(readFileSync(join(one.folder, 'cdktf.out/manifest.json'), 'utf8'));
  expect(manifest.stacks.calculator.annotations).toEqual([]);
});

test('the example is the same bytes from another folder, user and day', () => {
  expect(other.json).toBe(one.json);
});

test.each([
  ['one', one],
  ['the other', other],
])('%s holds no path of the machine it was made on, no user, and no time', (_, { folder, json }) => {
  for (const trace of [folder, PROJECT, tmpdir(), 'someone-', '2020-01-02', '2031-12-30']) {
    expect(json).not.toContain(trace);
  }
  expect(json).not.toContain(new Date().toISOString().slice(0, 10));
});

test('says nothing', () => {
  expect([one.output, other.output]).toEqual(['', '']);
});

test('is what the README says: an API on an internal network behind Envoy, with two URLs', () => {
  const { resource, output } = JSON.parse(one.json);
  expect(output).toEqual({ url: { value: 'http://127.0.0.1:8800' }, admin: { value: 'http://127.0.0.1:8081' } });
  expect(resource.docker_image).toMatchObject({
    api_image_1EB5B5DE: { name: 'tiangolo/uvicorn-gunicorn-fastapi:python3.11' },
    envoy_image_5E60BA6A: { name: DEFAULT_IMAGE },
  });
  expect(resource.docker_network.network).toMatchObject({ name: 'calculator-network', internal: true });
  expect(Object.values<{ name: string }>(resource.docker_container).map(({ name }) => name)).toEqual([
    'calculator-api-${substr(terraform_data.api_revision_FB668894.id, 0, 8)}-1',
    'calculator-envoy-${substr(terraform_data.envoy_revision_A479840A.id, 0, 8)}',
    'calculator-envoy-init-${substr(terraform_data.envoy_revision_A479840A.id, 0, 8)}',
    'calculator-envoy',
  ]);
});
