import type { CustomFragment } from '../../envoy';
import { cluster, tcpListener } from '../config-builders';
import { startBackend } from './backend';
import { startEnvoy } from './envoy';
import { call } from './http';
import { freePort } from './ports';

/** Returns a Lua filter with this code. */
const luaFilter = (name: string, code: string): NonNullable<CustomFragment['httpFilters']> => [
  {
    name: `envoy.filters.http.lua.${name}`,
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua',
      default_source_code: { inline_string: `function envoy_on_request(handle)\n  ${code}\nend\n` },
    },
  },
];
const markingFilter = (name: string) => luaFilter(name, `handle:headers():add('x-path', '${name}')`);

test('runs custom filters before and after the filters of features', async () => {
  const upstream = await startBackend();
  const answer = "handle:respond({[':status'] = '418'}, handle:headers():get('x-path') or 'nothing')";
  const envoy = await startEnvoy({
    upstream,
    cors: { allowOrigins: ['https://app.example.com'] },
    custom: [
      { before: 'cors', httpFilters: markingFilter('one') },
      { after: 'cors', httpFilters: luaFilter('answer', answer) },
      { httpFilters: markingFilter('never') },
    ],
  });
  expect(await envoy.call()).toMatchObject({ status: 418, body: 'one' });
  // CORS answers the preflight before the filters after it run.
  const headers = { origin: 'https://app.example.com', 'access-control-request-method': 'GET' };
  expect(await envoy.call({ method: 'OPTIONS', headers })).toMatchObject({ status: 200, body: '' });
  expect(upstream.seen).toEqual([]);
});

test('serves a custom listener with a custom cluster', async () => {
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
