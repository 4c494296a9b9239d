import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';

const PROJECT = resolve(__dirname, '../..');
const NOT_COPIED = ['node_modules', '.git', 'dist', 'cdktf.out'];

const folder = mkdtempSync(join(tmpdir(), 'tarball-'));
const project = join(folder, 'project');
const consumer = join(folder, 'consumer');

/** What npm says of the packed package. */
interface Packed {
  readonly filename: string;
  /** Bytes, compressed. */
  readonly size: number;
  readonly files: readonly { readonly path: string }[];
}
let packed: Packed;

/** The output of a program that runs in the consumer's project. */
function run(command: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: consumer, encoding: 'utf8' });
  if (status !== 0) {
    throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
  }
  return stdout;
}

const manifestOf = (path: string) => JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));

jest.setTimeout(300_000);

beforeAll(() => {
  cpSync(PROJECT, project, { recursive: true, filter: (path) => !NOT_COPIED.includes(basename(path)) });
  symlinkSync(join(PROJECT, 'node_modules'), join(project, 'node_modules'));
  const report = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: project,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  [packed] = JSON.parse(report) as [Packed];

  mkdirSync(consumer);
  writeFileSync(join(consumer, 'package.json'), '{ "name": "consumer", "private": true }');
  const here = ['cdktf', 'constructs', '@cdktf/provider-docker', 'typescript'].map(
    (name) => `${name}@${manifestOf(join(PROJECT, 'node_modules', name)).version}`,
  );
  const quick = ['--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock'];
  run('npm', 'install', ...quick, join(folder, packed.filename), ...here);
  writeFileSync(join(consumer, 'main.ts'), MAIN);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const MAIN = `
import { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import { App, TerraformOutput, TerraformStack } from 'cdktf';
import { ApiService, DockerNetwork, EnvoySidecar, type IUpstream } from 'cdktf-envoy-sidecar';
import { assemble, check, type EnvoyOptions, type envoy, toYaml } from 'cdktf-envoy-sidecar/envoy';

const app = new App();
const stack = new TerraformStack(app, 'consumer');
new DockerProvider(stack, 'docker');
const network = new DockerNetwork(stack, 'network', { internal: true });
const upstream: IUpstream = new ApiService(stack, 'api', { image: 'api:1', port: 8080, network });
const sidecar = new EnvoySidecar(stack, 'envoy', { upstream, timeouts: { request: '60s' } });
new TerraformOutput(stack, 'url', { value: sidecar.url });

// @ts-expect-error
export const misspelt: EnvoyOptions = { upstream, timeout: { request: '60s' } };
const cluster: envoy.config.cluster.v3.Cluster = { name: 'other', type: 'STATIC', connect_timeout: '1s' };
// @ts-expect-error
export const wrong: envoy.config.cluster.v3.Cluster = { name: 'other', type: 'STATIK' };
if (check(assemble({ upstream: { host: 'api', port: 8080 }, custom: [{ clusters: [cluster] }] }).bootstrap).length > 0) {
  throw new Error('Envoy would refuse it');
}
export const yaml: string = toYaml(assemble({ upstream: { host: 'api', port: 8080 } }).bootstrap);
app.synth();
`;

/** Every source file below a folder, without its ending. */
const sourcesIn = (path: string) =>
  readdirSync(join(PROJECT, path), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${path}/${name.replace(/\.ts$/, '')}`);

test('holds what is built of lib, envoy and cli, what a package needs, and nothing else', () => {
  const built = [...sourcesIn('lib'), ...sourcesIn('envoy'), ...sourcesIn('cli')].flatMap((name) => [
    `dist/${name}.js`,
    `dist/${name}.d.ts`,
  ]);
  const data = ['dist/envoy/schema/model.json'];
  const papers = ['CHANGELOG.md', 'LICENSE', 'NOTICE', 'README.md', 'package.json'];
  expect(packed.files.map(({ path }) => path).sort()).toEqual([...built, ...data, ...papers].sort());
});

test('is no heavier than four fifths of a megabyte: more than half of it is the types of Envoy with their comments', () => {
  expect(packed.size).toBeLessThan(800_000);
});

test('asks for the toolkit of its user, and brings a YAML writer', () => {
  expect(manifestOf(join(consumer, 'node_modules/cdktf-envoy-sidecar'))).toMatchObject({
    peerDependencies: { cdktf: '>=0.21.0 <1', constructs: '^10.4.2', '@cdktf/provider-docker': '^12.0.3' },
    dependencies: { yaml: expect.any(String) },
  });
});

// `node10` is what `cdktf init` sets a project up with.
test.each([
  ['node16', 'node16'],
  ['esnext', 'bundler'],
  ['commonjs', 'node10'],
])('type-checks strictly in a project of module %s and moduleResolution %s', (module, moduleResolution) => {
  const options = ['--strict', '--target', 'es2022', '--module', module, '--moduleResolution', moduleResolution];
  expect(run('npx', 'tsc', '--noEmit', ...options, 'main.ts')).toBe('');
});

test('synthesizes a stack', () => {
  run('npx', 'tsc', '--strict', '--target', 'es2022', '--module', 'node16', '--skipLibCheck', 'main.ts');
  run(process.execPath, 'main.js');
  const stack = JSON.parse(readFileSync(join(consumer, 'cdktf.out/stacks/consumer/cdk.tf.json'), 'utf8'));
  expect(stack.output.url).toEqual({ value: 'http://127.0.0.1:8800' });
  expect(Object.keys(stack.resource.docker_container)).toHaveLength(4);
});

test('can be imported by name from an ES module', () => {
  const code = `import { EnvoySidecar, envoy } from 'cdktf-envoy-sidecar';
    import { toYaml } from 'cdktf-envoy-sidecar/envoy';
    console.log(EnvoySidecar.name, envoy.toYaml === toYaml);`;
  expect(run(process.execPath, '--input-type=module', '--eval', code)).toBe('EnvoySidecar true\n');
});

test('brings the command-line tool', () => {
  writeFileSync(join(consumer, 'good.yaml'), 'node: { id: a }\n');
  writeFileSync(join(consumer, 'bad.yaml'), 'node: { id: a }\nnode: { id: b }\n');
  expect(run('npx', 'cdktf-envoy-sidecar', 'check', 'good.yaml')).toBe('no problem found for Envoy 1.39\n');
  expect(run('npx', 'cdktf-envoy-sidecar', '--version')).toBe(`${manifestOf(PROJECT).version}\n`);
  expect(() => run('npx', 'cdktf-envoy-sidecar', 'check', 'bad.yaml')).toThrow(
    'ended with 2:\nbad.yaml:2:1 error the key "node" is here a second time',
  );
});

test('shows nothing but its two entries', () => {
  const code = "import('cdktf-envoy-sidecar/dist/lib/pod.js').catch(({ code }) => console.log(code));";
  expect(run(process.execPath, '--eval', code)).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED\n');
});
