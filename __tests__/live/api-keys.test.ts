import { rmSync, writeFileSync } from 'node:fs';
import type { OutgoingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import type { ApiKeyOptions } from '../../envoy';
import { startBackend } from './backend';
import { binaries } from './binaries';
import { until } from './cleanup';
import { type LiveOptions, prepare, run, startEnvoy } from './envoy';
import { call, rawCall } from './http';
import { answering } from './replicas';

const PARTNER = 'not-a-real-key-of-a-partner';
const SHOP = 'not-a-real-key-of-a-shop';
const keys = { partner: PARTNER, shop: SHOP };

async function started(apiKeys: Partial<ApiKeyOptions>, options: Partial<LiveOptions> = {}) {
  const upstream = await startBackend();
  const envoy = await startEnvoy({
    upstream,
    apiKeys: { keys, ...apiKeys },
    // Only apiKeys can remove a forged header here.
    requestHeaders: { headersWithUnderscores: 'allow' },
    ...options,
  });
  /** Returns the status, and the URL and client name that reached the API. */
  const ask = async (headers: OutgoingHttpHeaders = {}, path = '/') => {
    upstream.seen.length = 0;
    const { status } = await envoy.call({ path, headers });
    const [got] = upstream.seen;
    const { 'x-api-client': client } = got?.headers ?? {};
    return { status, ...(got && { url: got.url, client }) };
  };
  return { upstream, envoy, ask };
}

const REJECTED = { status: 401 };

describe('a rejection', () => {
  test.each<[string, string, Partial<ApiKeyOptions>, Partial<LiveOptions>]>([
    ['ApiKey by default', 'ApiKey', {}, {}],
    ['ApiKey for parameters and cookies', 'ApiKey', { fromParams: ['k'], fromCookies: ['k'] }, {}],
    ['Bearer if keys come in authorization', 'Bearer', { fromHeaders: ['x-key', 'Authorization'] }, {}],
    ['ApiKey without problem documents', 'ApiKey', {}, { localReplies: false }],
  ])('asks for the scheme %s', async (_, scheme, apiKeys, options) => {
    const { envoy } = await started(apiKeys, {
      routes: [{ path: '/orders', apiKeys: { allowedClients: ['shop'] } }],
      ...options,
    });
    const wrong = { 'x-api-key': 'wrong', 'x-key': 'wrong', cookie: 'k=wrong' };
    for (const headers of [{}, wrong]) {
      const answer = await envoy.call({ path: '/orders', headers });
      expect({ status: answer.status, asks: answer.headers['www-authenticate'] }).toEqual({
        status: 401,
        asks: scheme,
      });
      if (options.localReplies !== false) {
        expect(JSON.parse(answer.body)).toMatchObject({ status: 401, title: 'Unauthorized' });
      }
    }
  });

  test('asks for no scheme if the client is known, or if the API answers 401', async () => {
    const { envoy, upstream } = await started(
      {},
      { routes: [{ path: '/orders', apiKeys: { allowedClients: ['shop'] } }] },
    );
    const forbidden = await envoy.call({ path: '/orders', headers: { 'x-api-key': PARTNER } });
    expect({ status: forbidden.status, asks: forbidden.headers['www-authenticate'] }).toEqual({ status: 403 });
    upstream.handler = answering(401);
    const own = await envoy.call({ headers: { 'x-api-key': PARTNER } });
    expect({ status: own.status, asks: own.headers['www-authenticate'] }).toEqual({ status: 401 });
  });

  test('has a gRPC status and a title for gRPC clients, without JSON', async () => {
    const { envoy } = await started({});
    const { status, headers } = await envoy.call({ method: 'POST', headers: { 'content-type': 'application/grpc' } });
    expect({
      status,
      grpc: headers['grpc-status'],
      message: headers['grpc-message'],
      asks: headers['www-authenticate'],
    }).toEqual({
      status: 200,
      grpc: '16',
      message: 'Unauthorized',
    });
  });
});

describe('keys in x-api-key', () => {
  let proxy: Awaited<ReturnType<typeof started>>;
  beforeAll(async () => {
    proxy = await started(
      {},
      {
        routes: [
          { path: '/open', apiKeys: false },
          { path: '/orders', apiKeys: { allowedClients: ['partner'] } },
        ],
      },
    );
  });

  test('identify the client, and do not reach the API', async () => {
    expect(await proxy.ask({ 'x-api-key': PARTNER })).toEqual({ status: 200, url: '/', client: 'partner' });
    expect(proxy.upstream.seen[0]?.headers).not.toHaveProperty('x-api-key');
    expect(await proxy.ask({ 'X-API-Key': SHOP })).toEqual({ status: 200, url: '/', client: 'shop' });
  });

  test.each<[string, OutgoingHttpHeaders, string?]>([
    ['no key', {}],
    ['an empty key', { 'x-api-key': '' }],
    ['a wrong key', { 'x-api-key': 'not-a-real-key-of-anybody' }],
    ['a key in upper case', { 'x-api-key': PARTNER.toUpperCase() }],
    ['a key without its last character', { 'x-api-key': PARTNER.slice(0, -1) }],
    ['a key with one more character', { 'x-api-key': `${PARTNER}x` }],
    ['two keys with a comma', { 'x-api-key': `${PARTNER},${SHOP}` }],
    ['the name of a client', { 'x-api-key': 'partner' }],
    ['a key in a parameter', {}, `/?x-api-key=${PARTNER}`],
    ['a key in a cookie', { cookie: `x-api-key=${PARTNER}` }],
    ['a key as a bearer token', { authorization: `Bearer ${PARTNER}` }],
    ['a forged client name', { 'x-api-client': 'partner' }],
  ])('are required: rejects %s', async (_, headers, path = '/') => {
    expect(await proxy.ask(headers, path)).toEqual(REJECTED);
    expect(proxy.upstream.seen).toEqual([]);
  });

  test('may be sent twice: the first counts, and neither reaches the API', async () => {
    proxy.upstream.seen.length = 0;
    const both = (one: string, other: string) =>
      rawCall(proxy.envoy.port, 'GET / HTTP/1.1', `x-api-key: ${one}`, `x-api-key: ${other}`);
    expect(await both(SHOP, PARTNER)).toMatch(/^HTTP\/1.1 200 /);
    expect(await both('wrong', PARTNER)).toMatch(/^HTTP\/1.1 401 /);
    expect(proxy.upstream.seen.map(({ headers }) => [headers['x-api-client'], headers['x-api-key']])).toEqual([
      ['shop', undefined],
    ]);
  });

  test.each([
    ['with a key', { 'x-api-key': SHOP }, '/', 'shop'],
    ['on a public route', {}, '/open', undefined],
    ['on a public route with a key', { 'x-api-key': SHOP }, '/open', undefined],
  ])('keep forged client names from the API %s', async (_, headers, path, client) => {
    const forged = { 'X-API-CLIENT': 'partner', x_api_client: 'partner', 'x-api_client': 'partner' };
    expect(await proxy.ask({ ...forged, ...headers }, path)).toEqual({ status: 200, url: path, client });
    const names = Object.entries(proxy.upstream.seen[0]?.headers ?? {}).filter(([, value]) => value === 'partner');
    expect(names).toEqual([]);
  });

  test('restrict a route to some clients, and do not reach the API there', async () => {
    expect(await proxy.ask({ 'x-api-key': PARTNER }, '/orders')).toEqual({
      status: 200,
      url: '/orders',
      client: 'partner',
    });
    expect(proxy.upstream.seen[0]?.headers).not.toHaveProperty('x-api-key');
    expect(await proxy.ask({ 'x-api-key': SHOP }, '/orders')).toEqual({ status: 403 });
    expect(await proxy.ask({}, '/orders')).toEqual(REJECTED);
    for (const path of ['//orders', '/x/../orders', '/%6frders', '/./orders/1']) {
      expect({ path, ...(await proxy.ask({ 'x-api-key': SHOP }, path)) }).toEqual({ path, status: 403 });
    }
  });

  test.each(['OPTIONS', 'HEAD', 'PURGE'])('are required for %s', async (method) => {
    expect((await proxy.envoy.call({ method })).status).toBe(401);
  });

  test('are required for CONNECT', async () => {
    expect(await rawCall(proxy.envoy.port, 'CONNECT api:80 HTTP/1.1')).toMatch(/^HTTP\/1.1 401 /);
  });
});

describe('keys in other headers, parameters and cookies', () => {
  let proxy: Awaited<ReturnType<typeof started>>;
  beforeAll(async () => {
    proxy = await started({ fromHeaders: ['x-key', 'authorization'], fromParams: ['k'], fromCookies: ['c'] });
  });

  test.each<[string, OutgoingHttpHeaders, string, string]>([
    ['a header', { 'x-key': SHOP }, '/', '/'],
    ['authorization', { authorization: `Bearer ${SHOP}` }, '/', '/'],
    ['a parameter', {}, `/a?x=1&k=${SHOP}&y=2`, '/a?x=1&y=2'],
    ['a parameter sent twice', {}, `/a?k=${SHOP}&y=2&k=${PARTNER}`, '/a?y=2'],
    ['a cookie', { cookie: `a=b; c=${SHOP}; d=e` }, '/', '/'],
  ])('are accepted in %s, and do not reach the API', async (_, headers, path, url) => {
    expect(await proxy.ask(headers, path)).toEqual({ status: 200, url, client: 'shop' });
    expect(JSON.stringify(proxy.upstream.seen)).not.toContain('not-a-real-key');
  });

  test('may be sent in several places: the first counts', async () => {
    const two = { 'x-key': SHOP, cookie: `c=${PARTNER}` };
    expect(await proxy.ask(two, `/?k=${PARTNER}`)).toEqual({ status: 200, url: '/', client: 'shop' });
    expect(JSON.stringify(proxy.upstream.seen)).not.toContain('not-a-real-key');
    expect(await proxy.ask({ ...two, 'x-key': 'wrong' }, `/?k=${PARTNER}`)).toEqual(REJECTED);
  });

  test.each<[string, OutgoingHttpHeaders, string]>([
    ['are not accepted in x-api-key', { 'x-api-key': SHOP }, '/'],
    ['are required', {}, '/'],
  ])('%s', async (_, headers, path) => {
    expect(await proxy.ask(headers, path)).toEqual(REJECTED);
  });
});

test('passes the key to the API with forward: true', async () => {
  const proxy = await started({ forward: true }, { routes: [{ path: '/a', apiKeys: { allowedClients: ['shop'] } }] });
  for (const path of ['/', '/a']) {
    await proxy.ask({ 'x-api-key': SHOP }, path);
    expect(proxy.upstream.seen[0]?.headers).toMatchObject({ 'x-api-key': SHOP, 'x-api-client': 'shop' });
  }
});

describe.each([...binaries()])('Envoy %s', (_, binary) => {
  const prepared = () => prepare({ upstream: { host: '127.0.0.1', port: 9 }, apiKeys: { keys } });

  test('does not start without the file of keys', async () => {
    const { args, folder } = await prepared();
    rmSync(join(folder, 'api-keys.yaml'));
    const { ended, stderr } = run(binary, args);
    expect(await ended).toBe(1);
    expect(stderr()).toContain('api-keys.yaml');
  });

  test.each([
    ['two clients have one key', (text: string) => text.replaceAll(SHOP, PARTNER)],
    ['the file of keys is invalid', () => 'nonsense'],
  ])('answers 500 if %s', async (_, spoilt) => {
    const { files } = (await prepared()).spec;
    const file = files.find(({ path }) => path.endsWith('api-keys.yaml'));
    const { args, folder, port } = await prepared();
    writeFileSync(join(folder, 'api-keys.yaml'), spoilt(file?.content ?? ''));
    const { child, stderr } = run(binary, args);
    const answer = await until('Envoy responds', () =>
      call({ port, headers: { 'x-api-key': PARTNER } }).catch(() => {
        if (child.exitCode !== null) {
          throw new Error(stderr());
        }
        return undefined;
      }),
    );
    expect(answer.status).toBe(500);
  });
});
