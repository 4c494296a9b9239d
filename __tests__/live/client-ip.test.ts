import type { EnvoyOptions } from '../../envoy';
import { type Backend, startBackend } from './backend';
import { binaries } from './binaries';
import { startEnvoy } from './envoy';
import { connectRaw } from './http';

let api: Backend;

beforeAll(async () => {
  api = await startBackend();
});

beforeEach(() => {
  api.seen.length = 0;
});

type ClientIp = NonNullable<EnvoyOptions['clientIp']>;

/** Starts Envoy. `client` returns the client address that the access log and the API see. */
async function started(clientIp: ClientIp | undefined, more: Partial<EnvoyOptions> = {}) {
  const envoy = await startEnvoy({
    upstream: api,
    retries: false,
    ...(clientIp !== undefined && { clientIp }),
    ...more,
  });
  let calls = 0;
  const client = async (headers: Record<string, string> = {}, localAddress = '127.0.0.1') => {
    calls += 1;
    const path = `/${calls}`;
    await envoy.call({ path, headers, localAddress });
    const { client } = await envoy.logged(path);
    return {
      logged: String(client).replace(/:\d+$/, ''),
      told: api.seen.at(-1)?.headers['x-envoy-external-address'],
    };
  };
  return { envoy, client };
}

const both = (address: string) => ({ logged: address, told: address });
const claim = (...addresses: string[]) => ({ 'x-forwarded-for': addresses.join(', ') });

test.each([
  ['by default', undefined],
  ["with 'direct'", 'direct'],
] as const)('takes the peer address of the connection, not a claimed one, %s', async (_, clientIp) => {
  const { client } = await started(clientIp);
  expect(await client()).toEqual(both('127.0.0.1'));
  expect(await client({}, '127.0.0.2')).toEqual(both('127.0.0.2'));
  expect(await client(claim('203.0.113.7'))).toEqual(both('127.0.0.1'));
  expect(await client({ 'x-envoy-external-address': '203.0.113.7', forwarded: 'for=203.0.113.7' })).toEqual(
    both('127.0.0.1'),
  );
});

test('false trusts the last claimed address', async () => {
  const { client } = await started(false);
  expect((await client(claim('203.0.113.7'))).logged).toBe('203.0.113.7');
});

describe('a number of trusted proxies', () => {
  test('of 1 takes the last address of x-forwarded-for', async () => {
    const { client } = await started({ numTrustedHops: 1 });
    expect(await client(claim('198.51.100.9'))).toEqual(both('198.51.100.9'));
    expect(await client(claim('203.0.113.7', '198.51.100.9'))).toEqual(both('198.51.100.9'));
  });

  test('of 2 takes the last address but one, or the peer address if there are fewer', async () => {
    const { client } = await started({ numTrustedHops: 2 });
    expect(await client(claim('203.0.113.7', '198.51.100.9', '10.0.0.5'))).toEqual(both('198.51.100.9'));
    expect(await client(claim('198.51.100.9'))).toEqual(both('127.0.0.1'));
    expect(await client()).toEqual(both('127.0.0.1'));
  });
});

describe('trustedCidrs', () => {
  const trusted = { trustedCidrs: ['127.0.0.1/32', '10.0.0.0/8'] };

  test('take the last address that is no trusted proxy if the peer is one', async () => {
    const { client } = await started(trusted);
    expect(await client(claim('203.0.113.7', '198.51.100.9'))).toEqual(both('198.51.100.9'));
    expect(await client(claim('203.0.113.7', '198.51.100.9', '10.0.0.5'))).toEqual(both('198.51.100.9'));
    expect(await client(claim('2001:db8::7'))).toEqual({ logged: '[2001:db8::7]', told: '2001:db8::7' });
    expect(await client()).toEqual(both('127.0.0.1'));
  });

  test('ignore claimed addresses of other peers', async () => {
    const { client } = await started(trusted);
    expect(await client(claim('203.0.113.7'), '127.0.0.2')).toEqual(both('127.0.0.2'));
    expect(await client({ 'x-envoy-external-address': '203.0.113.7' }, '127.0.0.2')).toEqual(both('127.0.0.2'));
  });

  test('trust no x-envoy header of any peer', async () => {
    const { envoy } = await started(trusted);
    const headers = {
      'x-request-id': 'claimed',
      'x-envoy-internal': 'true',
      'x-envoy-original-path': '/claimed',
      'x-envoy-decorator-operation': 'claimed',
      'x-envoy-downstream-service-cluster': 'claimed',
      'x-envoy-upstream-rq-timeout-ms': '1',
    };
    await envoy.call({ path: '/real', headers });
    expect(await envoy.logged('/real')).toMatchObject({ status: 200 });
    const seen = api.seen[0]?.headers;
    expect(seen?.['x-request-id']).toMatch(/^[\da-f]{8}-[\da-f-]{27}$/);
    expect(
      Object.keys(seen ?? {})
        .filter((name) => name.startsWith('x-envoy-'))
        .sort(),
    ).toEqual(['x-envoy-expected-rq-timeout-ms', 'x-envoy-external-address']);
  });

  test('append the address of the proxy to x-forwarded-for', async () => {
    const { envoy } = await started(trusted);
    await envoy.call({ headers: claim('203.0.113.7') });
    expect(api.seen[0]?.headers['x-forwarded-for']).toMatch(/^203\.0\.113\.7, ?[\d.]+$/);
  });
});

describe('forwarding headers', () => {
  const CLAIMS = {
    'x-forwarded-for': '203.0.113.7',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'evil.example',
    'x-forwarded-prefix': '/evil',
    'x-forwarded-of-tomorrow': 'evil',
    forwarded: 'for=203.0.113.7;host=evil.example',
    'x-real-ip': '203.0.113.7',
    'x-original-url': '/admin',
    'x-rewrite-url': '/admin',
    'x-http-method-override': 'DELETE',
    'cf-connecting-ip': '203.0.113.7',
    proxy: 'http://evil.example',
    'x-mine': 'mine',
  };

  /** Returns the forwarding headers that reach the API from a peer of this address. */
  async function forwardedHeaders(clientIp: ClientIp | undefined, localAddress = '127.0.0.1', minor?: string) {
    const envoy = await startEnvoy({ upstream: api, ...(clientIp !== undefined && { clientIp }) }, minor);
    await envoy.call({ headers: CLAIMS, localAddress });
    const seen: Record<string, unknown> = api.seen[0]?.headers ?? {};
    return Object.fromEntries(Object.keys(CLAIMS).flatMap((name) => (name in seen ? [[name, seen[name]]] : [])));
  }

  const OWN = { 'x-forwarded-proto': 'http', 'x-mine': 'mine' };

  test.each([
    ['by default', undefined],
    ["with 'direct'", 'direct'],
    ['with empty options', {}],
  ] as const)('are removed if no proxy is trusted, %s', async (_, clientIp) => {
    expect(await forwardedHeaders(clientIp, '127.0.0.2')).toEqual({
      ...OWN,
      'x-forwarded-for': expect.stringMatching(/^[\d.]+$/),
    });
  });

  test('are passed on from all peers with a number of trusted proxies', async () => {
    expect(await forwardedHeaders({ numTrustedHops: 1 })).toMatchObject({
      ...CLAIMS,
      'x-forwarded-for': expect.anything(),
    });
  });

  test.each([...binaries().keys()])('are removed from untrusted peers in Envoy %s', async (minor) => {
    const trustedCidrs = ['127.0.0.1/32'];
    expect(await forwardedHeaders({ trustedCidrs }, '127.0.0.2', minor)).toEqual({
      ...OWN,
      'x-forwarded-for': '127.0.0.2',
    });
    api.seen.length = 0;
    expect(await forwardedHeaders({ trustedCidrs }, '127.0.0.1', minor)).toMatchObject({
      ...CLAIMS,
      'x-forwarded-for': expect.stringMatching(/^203\.0\.113\.7, ?[\d.]+$/),
    });
  });

  test('select no route for untrusted peers', async () => {
    const { envoy } = await started(
      { trustedCidrs: ['127.0.0.1/32'] },
      {
        routes: [{ path: '/', headers: { 'x-forwarded-host': 'admin.example' }, directResponse: { status: 218 } }],
      },
    );
    const from = async (localAddress: string) =>
      (await envoy.call({ headers: { 'x-forwarded-host': 'admin.example' }, localAddress })).status;
    expect([await from('127.0.0.1'), await from('127.0.0.2')]).toEqual([218, 200]);
  });

  test('match no authorization rule for untrusted peers', async () => {
    const { envoy } = await started(
      { trustedCidrs: ['127.0.0.1/32'] },
      {
        authorization: { allow: [{ headers: { 'x-real-ip': '10.0.0.1' } }] },
      },
    );
    const from = async (localAddress: string) =>
      (await envoy.call({ headers: { 'x-real-ip': '10.0.0.1' }, localAddress })).status;
    expect([await from('127.0.0.1'), await from('127.0.0.2')]).toEqual([200, 403]);
  });
});

describe('the PROXY protocol', () => {
  const REQUEST = 'GET /there HTTP/1.1\r\nHost: api\r\nX-Forwarded-For: 203.0.113.1\r\nConnection: close\r\n\r\n';

  async function answer(port: number, before: string, localAddress = '127.0.0.1') {
    const connection = await connectRaw(port, '127.0.0.1', localAddress);
    connection.send(before + REQUEST);
    return (await connection.closed).split('\r\n')[0];
  }

  /** Version 2: a signature, the command PROXY, TCP over IPv4, 12 bytes of addresses and ports. */
  const binary = `\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c${String.fromCharCode(198, 51, 100, 9, 10, 0, 0, 5)}\xdd\xd5\0\x50`;

  test.each([
    ['version 1', 'PROXY TCP4 198.51.100.9 10.0.0.5 56789 80\r\n', '198.51.100.9'],
    ['version 1 with IPv6', 'PROXY TCP6 2001:db8::9 2001:db8::5 56789 80\r\n', '2001:db8::9'],
    ['version 2', binary, '198.51.100.9'],
    ['version 1 without a client', 'PROXY UNKNOWN\r\n', '127.0.0.1'],
  ])('%s sets the client address, and x-forwarded-for does not', async (_, before, address) => {
    const { envoy } = await started('proxyProtocol');
    expect(await answer(envoy.port, before)).toBe('HTTP/1.1 200 OK');
    expect(String((await envoy.logged('/there')).client)).toContain(address);
    expect(api.seen[0]?.headers['x-envoy-external-address']).toBe(address);
  });

  test('is required: Envoy closes other connections', async () => {
    const { envoy } = await started('proxyProtocol');
    expect(await answer(envoy.port, '')).toBe('');
    expect(api.seen).toEqual([]);
  });

  test('gets 400 without the option', async () => {
    const { envoy } = await started('direct');
    expect(await answer(envoy.port, 'PROXY TCP4 198.51.100.9 10.0.0.5 56789 80\r\n')).toBe('HTTP/1.1 400 Bad Request');
  });

  test('is accepted from the listed networks only: Envoy closes other connections', async () => {
    const { envoy } = await started({ proxyProtocolFrom: ['127.0.0.1/32'] });
    const line = 'PROXY TCP4 198.51.100.9 10.0.0.5 56789 80\r\n';
    expect(await answer(envoy.port, line)).toBe('HTTP/1.1 200 OK');
    expect(String((await envoy.logged('/there')).client)).toContain('198.51.100.9');
    // The claimed address does not count.
    expect(await answer(envoy.port, line, '127.0.0.2')).toBe('');
    expect(await answer(envoy.port, 'PROXY TCP4 127.0.0.1 10.0.0.5 56789 80\r\n', '127.0.0.2')).toBe('');
    expect(api.seen).toHaveLength(1);
  });
});
