import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Consumer, installedVersion, manifestOf, PROJECT, packed } from './consumer';

jest.setTimeout(300_000);

let consumer: Consumer;

beforeAll(() => {
  consumer = new Consumer(...['cdktf', 'constructs', '@cdktf/provider-docker', 'typescript'].map(installedVersion));
  consumer.write('main.ts', MAIN);
});

afterAll(() => consumer.remove());

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

/** Returns every source file below a folder, without its extension. */
const sourcesIn = (path: string) =>
  readdirSync(join(PROJECT, path), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => `${path}/${name.replace(/\.ts$/, '')}`);

test('contains the build of lib, envoy and cli, the package documents, and no other file', () => {
  const built = [...sourcesIn('lib'), ...sourcesIn('envoy'), ...sourcesIn('cli')].flatMap((name) => [
    `dist/${name}.js`,
    `dist/${name}.d.ts`,
  ]);
  // The entry for cdktn is a copy of lib.
  built.push(...built.filter((path) => path.startsWith('dist/lib/')).map((path) => path.replace('lib', 'cdktn')));
  const data = ['dist/envoy/messages/schema/model.json'];
  const papers = ['CHANGELOG.md', 'LICENSE', 'NOTICE', 'README.md', 'package.json'];
  expect(packed.files.map(({ path }) => path).sort()).toEqual([...built, ...data, ...papers].sort());
});

test('is smaller than 900 kB', () => {
  expect(packed.size).toBeLessThan(900_000);
});

test('has both toolkits as peer dependencies, and a YAML writer as dependency', () => {
  expect(manifestOf(join(consumer.folder, 'node_modules/cdktf-envoy-sidecar'))).toMatchObject({
    peerDependencies: {
      cdktf: '>=0.21.0 <1',
      '@cdktf/provider-docker': '^12.0.3',
      cdktn: '>=0.24.0 <1',
      '@cdktn/provider-docker': '^16.1.0',
      constructs: '^10.4.2',
    },
    dependencies: { yaml: expect.any(String) },
  });
});

// `cdktf init` creates projects with `node10`.
test.each([
  ['node16', 'node16'],
  ['esnext', 'bundler'],
  ['commonjs', 'node10'],
])('type-checks strictly with module %s and moduleResolution %s', (...how) => {
  expect(consumer.typeCheck(...how)).toBe('');
});

test('synthesizes a stack', () => {
  consumer.compile();
  consumer.run(process.execPath, 'main.js');
  const stack = consumer.stack();
  expect(stack.output.url).toEqual({ value: 'http://127.0.0.1:8800' });
  expect(Object.keys(stack.resource.docker_container)).toHaveLength(4);
});

test('contains a README whose links lead to existing files of the repository', () => {
  const readme = readFileSync(join(consumer.folder, 'node_modules/cdktf-envoy-sidecar/README.md'), 'utf8');
  const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map((match) => match[1] ?? '');
  const relative = links.filter((link) => !/^(https?:|#)/.test(link));
  expect(relative).toEqual([]);
  const inRepository = /^https:\/\/github\.com\/cdktf-envoy-sidecar\/cdktf-envoy-sidecar\/blob\/HEAD\/([^#]+)/;
  const files = links.flatMap((link) => inRepository.exec(link)?.[1] ?? []);
  expect(files.length).toBeGreaterThan(40);
  expect(files.filter((file) => !existsSync(join(PROJECT, file)))).toEqual([]);
});

test('names its repository, homepage and issue tracker', () => {
  const { repository, homepage, bugs, author } = manifestOf(join(consumer.folder, 'node_modules/cdktf-envoy-sidecar'));
  const address = 'https://github.com/cdktf-envoy-sidecar/cdktf-envoy-sidecar';
  expect({ repository, homepage, bugs, author }).toEqual({
    repository: { type: 'git', url: `git+${address}.git` },
    homepage: `${address}#readme`,
    bugs: { url: `${address}/issues` },
    author: expect.any(String),
  });
});

test('has named exports for ES modules', () => {
  const code = `import { EnvoySidecar, envoy } from 'cdktf-envoy-sidecar';
    import { toYaml } from 'cdktf-envoy-sidecar/envoy';
    console.log(EnvoySidecar.name, envoy.toYaml === toYaml);`;
  expect(consumer.run(process.execPath, '--input-type=module', '--eval', code)).toBe('EnvoySidecar true\n');
});

test('contains the command-line tool', () => {
  consumer.write('good.yaml', 'node: { id: a }\n');
  consumer.write('bad.yaml', 'node: { id: a }\nnode: { id: b }\n');
  expect(consumer.run('npx', 'cdktf-envoy-sidecar', 'check', 'good.yaml')).toBe('no problem found for Envoy 1.39\n');
  expect(consumer.run('npx', 'cdktf-envoy-sidecar', '--version')).toBe(`${manifestOf(PROJECT).version}\n`);
  expect(() => consumer.run('npx', 'cdktf-envoy-sidecar', 'check', 'bad.yaml')).toThrow(
    'ended with 1:\nbad.yaml:2:1 error the key "node" is here a second time',
  );
});

test('exports only its entries', () => {
  const code = "import('cdktf-envoy-sidecar/dist/lib/pod.js').catch(({ code }) => console.log(code));";
  expect(consumer.run(process.execPath, '--eval', code)).toBe('ERR_PACKAGE_PATH_NOT_EXPORTED\n');
});
