import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Consumer, installedVersion } from './consumer';

jest.setTimeout(300_000);

/** Returns an environment variable that `scripts/setup.sh test` sets. */
function requiredVariable(name: 'CDKTN_CLI' | 'CDKTN_PROVIDER_DOCKER'): string {
  const value = process.env[name];
  if (value === undefined) {
    throw new Error(`${name} is not set: run 'scripts/setup.sh test' and source the file 'env.test' that it writes`);
  }
  return value;
}

const MAIN = `
import { DockerProvider } from '@cdktn/provider-docker/lib/provider';
import { App, TerraformOutput, TerraformStack } from 'cdktn';
import { ApiService, DockerNetwork, EnvoySidecar, GlobalRateLimit, type IUpstream } from 'cdktf-envoy-sidecar/cdktn';

const app = new App();
const stack = new TerraformStack(app, 'consumer');
new DockerProvider(stack, 'docker');
const network = new DockerNetwork(stack, 'network', { internal: true });
const upstream: IUpstream = new ApiService(stack, 'api', { image: 'api:1', port: 8080, network });
const limits = new GlobalRateLimit(stack, 'limits', { network, limits: { total: '100/min' } });
const globalRateLimit = { ...limits.options, failureMode: 'allow' } as const;
const sidecar = new EnvoySidecar(stack, 'envoy', { upstream, globalRateLimit, timeouts: { request: '60s' } });
new TerraformOutput(stack, 'url', { value: sidecar.url });
// @ts-expect-error
export const misspelt = () => new EnvoySidecar(stack, 'other', { upstream, timeout: { request: '60s' } });
app.synth();
`;

const NEEDS = `
  'cdktf-envoy-sidecar' needs: npm install cdktf @cdktf/provider-docker constructs
  'cdktf-envoy-sidecar/cdktn' needs: npm install cdktn @cdktn/provider-docker constructs`;

let consumer: Consumer;

beforeAll(() => {
  consumer = new Consumer(...['cdktn', 'constructs', 'typescript'].map(installedVersion));
});

afterAll(() => consumer.remove());

describe('an error names the missing package and the remedy', () => {
  test.each([
    ['if only cdktn is installed for the entry for cdktf', 'cdktf-envoy-sidecar', 'cdktf'],
    [
      'if the provider bindings are missing for the entry for cdktn',
      'cdktf-envoy-sidecar/cdktn',
      '@cdktn/provider-docker/lib/provider',
    ],
  ])('%s', (_, entry, missing) => {
    const load = `try { require('${entry}') } catch ({ message }) { console.log(message) }`;
    expect(consumer.run(process.execPath, '--eval', load)).toBe(`Cannot find module '${missing}'${NEEDS}\n`);
  });
});

describe('with cdktn and its bindings', () => {
  beforeAll(() => {
    consumer.install(requiredVariable('CDKTN_PROVIDER_DOCKER'));
    consumer.write('main.ts', MAIN);
  });

  test('no package of cdktf is installed', () => {
    expect(consumer.run('npm', 'ls', '--all', '--parseable')).not.toMatch(/node_modules\/@?cdktf(\/|$)/m);
  });

  // This checks `typesVersions`. The compilation checks `exports`.
  test('type-checks strictly with moduleResolution node10', () => {
    expect(consumer.typeCheck('commonjs', 'node10')).toBe('');
  });

  test('cdktn synth creates a stack that Terraform validates', () => {
    consumer.compile();
    const app = { language: 'typescript', app: 'node main.js', projectId: 'consumer', sendCrashReports: 'false' };
    consumer.write('cdktf.json', JSON.stringify(app));
    const cli = join(requiredVariable('CDKTN_CLI'), 'node_modules/.bin');
    const env = { PATH: `${cli}:${process.env.PATH}`, CI: '1', CHECKPOINT_DISABLE: '1' };
    expect(consumer.runWith(env, 'cdktn', 'synth')).toContain('Generated Terraform code for the stacks: consumer');
    const { terraform } = consumer.stack();
    expect(terraform.required_providers.docker.version).toBe('>= 4.6.0, < 5.0.0');

    // If the registry is unavailable, the setup builds the provider from source, with the version of the previous release.
    const file = join(consumer.folder, 'cdktf.out/stacks/consumer/cdk.tf.json');
    consumer.write('cdktf.out/stacks/consumer/cdk.tf.json', readFileSync(file, 'utf8').replace('>= 4.6.0', '>= 4.5.0'));
    const folder = '-chdir=cdktf.out/stacks/consumer';
    consumer.runWith(env, 'terraform', folder, 'init', '-input=false');
    expect(JSON.parse(consumer.runWith(env, 'terraform', folder, 'validate', '-json'))).toMatchObject({
      valid: true,
      error_count: 0,
      warning_count: 0,
    });
  });

  test('rejects a stack of cdktf and names the remedy', () => {
    consumer.install(...['cdktf', '@cdktf/provider-docker'].map(installedVersion));
    consumer.write(
      'mixed.cjs',
      `const { App, TerraformStack } = require('cdktf');
      const { DockerNetwork } = require('cdktf-envoy-sidecar/cdktn');
      try { new DockerNetwork(new TerraformStack(new App(), 'shop'), 'one') } catch ({ message }) { console.log(message) }`,
    );
    expect(consumer.run(process.execPath, 'mixed.cjs')).toContain(
      "shop/one: is a construct for cdktn, and 'shop' in the same stack is one of cdktf; import all from one toolkit:",
    );
  });
});
