import { join, resolve } from 'node:path';
import ts from 'typescript';

// What the types of Envoy's API refuse, in the words of the compiler: one program of all the cases.

const http = 'type.googleapis.com/envoy.extensions.filters.http';
const network = 'type.googleapis.com/envoy.extensions.filters.network';

const cases: readonly [claim: string, type: string, value: string, error: string | undefined][] = [
  [
    'takes a whole listener',
    'envoy.config.listener.v3.Listener',
    `{ address: { socket_address: { address: '::', port_value: 80 } }, filter_chains: [{ filters: [{ name: 'hcm', typed_config: {
      '@type': '${network}.http_connection_manager.v3.HttpConnectionManager', stat_prefix: 'in', stream_idle_timeout: '5.5s',
      http_filters: [{ name: 'r', typed_config: { '@type': '${http}.router.v3.Router', dynamic_stats: false } }] } }] }] }`,
    undefined,
  ],
  [
    'takes a typed struct in the place of any extension',
    "Any<'envoy.access_loggers'>",
    "{ '@type': 'type.googleapis.com/xds.type.v3.TypedStruct', type_url: 'x', value: { any: 1 } }",
    undefined,
  ],
  [
    'refuses a field that is not there',
    "Any<'envoy.filters.http'>",
    `{ '@type': '${http}.router.v3.Router', suppress_envoy_header: true }`,
    "'suppress_envoy_header' does not exist",
  ],
  [
    'refuses a type that is not there',
    'HttpFilter',
    `{ name: 'r', typed_config: { '@type': '${http}.routr.v3.Router' } }`,
    'is not assignable',
  ],
  [
    'refuses an extension of another category',
    'HttpFilter',
    `{ name: 'r', typed_config: { '@type': '${network}.tcp_proxy.v3.TcpProxy', stat_prefix: 'x' } }`,
    'is not assignable',
  ],
  [
    'refuses on a route what configures a filter',
    "Any<'envoy.filters.http.per_route'>",
    `{ '@type': '${http}.buffer.v3.Buffer', max_request_bytes: 1 }`,
    'is not assignable',
  ],
  [
    'refuses a message without what its rules require',
    'envoy.config.cluster.v3.Cluster',
    '{}',
    "Property 'name' is missing",
  ],
  [
    'refuses a value that is not of an enum',
    'envoy.config.cluster.v3.Cluster',
    "{ name: 'c', lb_policy: 'ROUND' }",
    `'"ROUND"' is not assignable`,
  ],
  [
    'refuses a duration without its unit',
    'envoy.config.cluster.v3.Cluster',
    "{ name: 'c', connect_timeout: '5' }",
    `'"5"' is not assignable`,
  ],
];

const root = resolve(__dirname, '../../../..');
const file = join(root, 'cases.ts');
const source = [
  "import type { Any, envoy } from './envoy/messages/schema/types';",
  'type HttpFilter = envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;',
  'export type Unused = HttpFilter;',
  ...cases.map(([, type, value], i) => `export const c${i}: ${type} = ${value.replace(/\s+/g, ' ')};`),
].join('\n');

const errors = new Map<number, string>();

beforeAll(() => {
  const options: ts.CompilerOptions = { strict: true, exactOptionalPropertyTypes: true, noEmit: true, types: [] };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name === file || fileExists.call(host, name);
  host.getSourceFile = (name, ...rest) =>
    name === file ? ts.createSourceFile(name, source, ts.ScriptTarget.ES2022) : getSourceFile.call(host, name, ...rest);
  const program = ts.createProgram([file], options, host);
  for (const { start = 0, messageText, file: at } of program.getSemanticDiagnostics(program.getSourceFile(file))) {
    const line = at?.getLineAndCharacterOfPosition(start).line ?? 0;
    errors.set(line, ts.flattenDiagnosticMessageText(messageText, '\n'));
  }
}, 60_000);

test.each(cases.map(([claim, , , error], i) => [claim, i, error] as const))('%s', (_, i, error) => {
  const found = errors.get(i + 3);
  expect(found).toEqual(error && expect.stringContaining(error));
});

test('nothing else is wrong', () => {
  expect([...errors.keys()].filter((line) => line < 3)).toEqual([]);
});
