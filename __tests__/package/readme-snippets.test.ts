import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import { TerraformStack, TerraformVariable, Testing } from 'cdktf';
import ts from 'typescript';
import * as lib from '../../lib';
import { warningsOf } from '../helpers';

const README = readFileSync(resolve(__dirname, '../../README.md'), 'utf8');
const snippets = [...README.matchAll(/^```ts\n(.*?)^```$/gms)].map((match) => match[1] ?? '');
const sidecars = snippets.filter((text) => text.includes('new EnvoySidecar(') && !text.includes('new App()'));

/** What the text around a snippet speaks of. */
function surroundings(stack: TerraformStack) {
  const network = new lib.DockerNetwork(stack, 'network', { internal: true });
  const service = (id: string) =>
    new lib.ApiService(stack, id, { image: 'api:1', port: 8080, healthPath: '/health', network });
  const jwks = { uri: 'https://id.example.com/.well-known/jwks.json' };
  return {
    ...lib,
    TerraformVariable,
    stack,
    network,
    api: service('api'),
    anotherApi: service('another'),
    spare: service('spare'),
    database: { hostname: 'db.example.com' },
    partnerKey: new TerraformVariable(stack, 'partner_key', { sensitive: true }),
    jwt: { providers: { main: { issuer: 'https://id.example.com/', audiences: ['calculator'], jwks } } },
  };
}

test('there are snippets', () => {
  expect(sidecars.length).toBeGreaterThan(5);
});

test.each(sidecars)('synthesizes without a warning: %s', (snippet) => {
  const stack = new TerraformStack(Testing.app(), 'readme');
  new DockerProvider(stack, 'docker');
  const around = surroundings(stack);
  const { outputText } = ts.transpileModule(snippet, { compilerOptions: { target: ts.ScriptTarget.ES2022 } });
  new Function(...Object.keys(around), outputText)(...Object.values(around));
  expect(Testing.synth(stack)).toContain('docker_container');
  expect(warningsOf(stack)).toEqual([]);
});
