import type { CustomFragment } from '../../envoy';
import { cluster, tcpListener } from '../config-builders';
import { startBackend } from './backend';
import { startEnvoy } from './envoy';
import { call } from './http';
import { freePort } from './ports';

/** A filter that answers with what it finds in a header, or adds itself to it. */
const lua = (name: string, code: string): NonNullable<CustomFragment['httpFilters']> => [
  {
    name: `envoy.filters.http.lua.${name}`,
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua',
      default_source_code: { inline_string: `function envoy_on_request(handle)\n  ${code}\nend\n` },
    },
  },
];
const mark = (name: string) => lua(name, `handle:headers():add('x-path', '${name}')`);

test('filters stand where they were put, before and after those of features', async () => {
  const upstream = await startBackend();
  const answer = "handle:respond({[':status'] = '418'}, handle:headers():get('x-path') or 'nothing')";
  const envoy = await startEnvoy({
    upstream,
    cors: { origins: ['https://app.example.com'] },
    custom: [
      { before: 'cors', httpFilters: mark('one') },
      { after: 'cors', httpFilters: lua('answer', answer) },
      { httpFilters: mark('never') },
    ],
  });
  expect(await envoy.call()).toMatchObject({ status: 418, body: 'one' });
  // The preflight is answered by cors, before what stands after it.
  const headers = { origin: 'https://app.example.com', 'access-control-request-method': 'GET' };
  expect(await envoy.call({ method: 'OPTIONS', headers })).toMatchObject({ status: 200, body: '' });
  expect(upstream.seen).toEqual([]);
});

test('a listener and a cluster of its own', async () => {
  const [upstream, other] = [await startBackend(), await startBackend({ handler: (_, out) => out.end('other') })];
  const port = await freePort();
  await startEnvoy({
    upstream,
    custom: [
      {
        ports: [{ name: 'tcp', port }],
        listeners: [tcpListener('tcp', port, 'other', '127.0.0.1')],
        clusters: [cluster('other', other.host, other.port)],
      },
    ],
  });
  expect(await call({ port })).toMatchObject({ status: 200, body: 'other' });
});
