import { assemble } from '../../envoy';
import { type Backend, startBackend } from './backend';
import { binaries } from './binaries';
import { sleep, until } from './cleanup';
import { type Envoy, startEnvoy, withManager } from './envoy';
import { connectRaw, rawCall } from './http';
import { http2Call } from './https';
import { freePort } from './ports';

let api: Backend;
let envoy: Envoy;

beforeAll(async () => {
  api = await startBackend();
  envoy = await startEnvoy({ upstream: api, retries: false });
});

beforeEach(() => {
  api.seen.length = 0;
});

const user = { 'x-user': 'real', x_user: 'forged' };

describe('a header name with an underscore', () => {
  test('is rejected by default', async () => {
    expect(await envoy.call({ headers: user })).toMatchObject({ status: 400 });
    expect(api.seen).toEqual([]);
    expect(await envoy.call({ headers: { 'x-user': 'real' } })).toMatchObject({ status: 200 });
  });

  test('is dropped if configured', async () => {
    const dropping = await startEnvoy({ upstream: api, requestHeaders: { headersWithUnderscores: 'drop' } });
    expect(await dropping.call({ headers: user })).toMatchObject({ status: 200 });
    expect(api.seen[0]?.headers).toMatchObject({ 'x-user': 'real' });
    expect(api.seen[0]?.headers).not.toHaveProperty('x_user');
  });

  test('is allowed if configured', async () => {
    const allowing = await startEnvoy({ upstream: api, requestHeaders: { headersWithUnderscores: 'allow' } });
    expect(await allowing.call({ headers: user })).toMatchObject({ status: 200 });
    expect(api.seen[0]?.headers).toMatchObject(user);
  });
});

describe('a header name with special characters, which CGI and PHP read as another name', () => {
  const SPELLINGS = ['x.user', 'x~user', 'x|user', "x'user", 'x!user', 'x*user', 'x+user', 'x^user', 'x`user'];
  const forged = Object.fromEntries(SPELLINGS.map((name) => [name, 'forged']));

  test('is dropped by default', async () => {
    expect(await envoy.call({ headers: { ...forged, 'x-user': 'real', 'user2-a': 'b' } })).toMatchObject({
      status: 200,
    });
    expect(api.seen[0]?.headers).toMatchObject({ 'x-user': 'real', 'user2-a': 'b' });
    expect(Object.values(api.seen[0]?.headers ?? {})).not.toContain('forged');
  });

  test('is removed, even if allowed, when it spells an identity or forwarding header', async () => {
    const allowing = await startEnvoy({
      upstream: api,
      requestHeaders: { headersWithUnderscores: 'allow', headersWithSpecialCharacters: 'allow' },
      custom: [{ identityHeaders: ['x-user'] }],
    });
    const inEach = (name: string) => SPELLINGS.map((spelling) => [spelling.replace('user', name), 'forged']);
    const headers = Object.fromEntries(['user', 'forwarded_host', 'real-ip'].flatMap(inEach));
    await allowing.call({ headers: { ...headers, 'x.mine': 'mine' } });
    expect(api.seen[0]?.headers).toMatchObject({ 'x.mine': 'mine' });
    expect(Object.values(api.seen[0]?.headers ?? {})).not.toContain('forged');
  });
});

test('passes only the forwarding headers that are allowed by name', async () => {
  const allowing = await startEnvoy({
    upstream: api,
    requestHeaders: { allowedForwardingHeaders: ['x-http-method-override'] },
  });
  await allowing.call({ headers: { 'x-http-method-override': 'PATCH', 'x-method-override': 'PATCH' } });
  expect(api.seen[0]?.headers).toMatchObject({ 'x-http-method-override': 'PATCH' });
  expect(api.seen[0]?.headers).not.toHaveProperty('x-method-override');
});

describe('TRACE', () => {
  test.each([
    ['a problem document', {}],
    ["Envoy's text", { localReplies: false }],
  ] as const)('gets 405 with the allowed methods and %s', async (_, options) => {
    const refusing = await startEnvoy({ upstream: api, ...options });
    const { status, headers, body } = await refusing.call({
      method: 'TRACE',
      path: '/trace',
      headers: { cookie: 'a=b' },
    });
    expect({ status, allow: headers.allow }).toEqual({
      status: 405,
      allow: 'GET, HEAD, POST, PUT, DELETE, OPTIONS, PATCH',
    });
    expect(body).toContain('Method Not Allowed');
    expect(body).not.toContain('a=b');
    expect(api.seen).toEqual([]);
    expect(await refusing.logged('/trace')).toMatchObject({ details: 'rbac_access_denied_matched_policy[trace]' });
  });

  test('reaches the API with requestHeaders: false', async () => {
    const passing = await startEnvoy({ upstream: api, requestHeaders: false });
    expect(await passing.call({ method: 'TRACE' })).toMatchObject({ status: 200 });
    expect(api.seen).toHaveLength(1);
  });

  test.each(['CONNECT api:80 HTTP/1.1', 'CONNECT /x HTTP/1.1'])(
    'the request %s does not reach the API',
    async (line) => {
      expect(await rawCall(envoy.port, line)).toMatch(/^HTTP\/1.1 4\d\d /);
      expect(api.seen).toEqual([]);
    },
  );
});

const NAMES = [
  'api',
  'API.Example.com',
  'api.example.com.',
  'api.example.com:8800',
  'my_api:80',
  'my-api.my_project',
  '127.0.0.1:8800',
  '[::1]',
  '[2001:DB8::1]:443',
  '[::ffff:127.0.0.1]',
];

const MALFORMED = [
  '',
  'api:',
  'api:x',
  'api:+80',
  'api:80x',
  'api:80:80',
  'api:80.example.com',
  'api..',
  '.api',
  'a..b',
  '::1',
  '[::1',
  '[::1]:',
  '[::1]x',
  '[]',
  '[api]',
  '[fe80::1%25eth0]',
  'a%70i',
  'api%00',
  'api;x',
  'api,other',
  '*',
  'user@api',
];

describe.each([...binaries().keys()])('Envoy %s', (minor) => {
  let guarded: Envoy;
  beforeAll(async () => {
    guarded = await startEnvoy({ upstream: api }, minor);
  });

  const outcome = async (lines: string) => {
    const connection = await connectRaw(guarded.port);
    connection.send(`${lines}\r\nConnection: close\r\n\r\n`);
    await until('Envoy responds', () => connection.received().length > 12);
    connection.end();
    return { status: Number(connection.received().slice(9, 12)), seen: api.seen.length };
  };

  test.each(NAMES)('accepts the host %j', async (host) => {
    expect(await outcome(`GET / HTTP/1.1\r\nHost: ${host}`)).toEqual({ status: 200, seen: 1 });
    const { status } = await http2Call({ port: guarded.port, protocol: 'http', headers: { ':authority': host } });
    expect({ status, seen: api.seen.length }).toEqual({ status: 200, seen: 2 });
  });

  test.each(MALFORMED)('answers 400 to the malformed host %j', async (host) => {
    expect(await outcome(`GET / HTTP/1.1\r\nHost: ${host}`)).toEqual({ status: 400, seen: 0 });
  });

  // For the others, Envoy's codec resets the stream.
  test.each(MALFORMED.filter((host) => host !== '' && !host.includes('@')))(
    'answers 400 to the malformed host %j over HTTP/2',
    async (host) => {
      const { status } = await http2Call({ port: guarded.port, protocol: 'http', headers: { ':authority': host } });
      expect({ status, seen: api.seen.length }).toEqual({ status: 400, seen: 0 });
    },
  );

  test('validates the host of an absolute URL in place of the header', async () => {
    expect(await outcome('GET http://api:x/ HTTP/1.1\r\nHost: api')).toEqual({ status: 400, seen: 0 });
    expect(await outcome('GET http://api/ HTTP/1.1\r\nHost: api:x')).toEqual({ status: 200, seen: 1 });
  });

  test("answers 400 to a malformed host with a user's bootstrap", async () => {
    const { bootstrap } = assemble({
      upstream: { host: api.host, port: api.port },
      port: await freePort(),
      adminView: false,
      requestHeaders: false,
    });
    const base = await startEnvoy(
      { upstream: api, baseConfig: bootstrap, adminView: false, requestHeaders: {} },
      minor,
    );
    expect((await base.call({ headers: { host: 'api:x' } })).status).toBe(400);
    expect((await base.call({ headers: { host: 'api:1' } })).status).toBe(200);
    await base.stop();
  });

  test('logs a malformed host as reason', async () => {
    const path = `/malformed-${minor}`;
    await guarded.call({ path, headers: { host: 'api:' } });
    expect(await guarded.logged(path)).toMatchObject({
      status: 400,
      details: 'rbac_access_denied_matched_policy[malformed_authority]',
    });
  });
});

describe('forged headers of a client', () => {
  const claims = {
    'x-forwarded-for': '203.0.113.7',
    'x-envoy-external-address': '203.0.113.7',
    'x-envoy-internal': 'true',
    'x-forwarded-proto': 'https',
    'x-request-id': 'claimed',
    'x-envoy-original-path': '/claimed',
    'x-envoy-decorator-operation': 'claimed',
  };

  test('are replaced by default', async () => {
    await envoy.call({ headers: claims });
    const { headers } = api.seen[0] ?? {};
    expect(headers?.['x-forwarded-for']).not.toMatch(/203\.0\.113\.7$/);
    expect(headers).toMatchObject({ 'x-envoy-external-address': '127.0.0.1', 'x-forwarded-proto': 'http' });
    expect(headers?.['x-request-id']).toMatch(/^[\da-f]{8}-[\da-f-]{27}$/);
    for (const name of ['x-envoy-internal', 'x-envoy-original-path', 'x-envoy-decorator-operation']) {
      expect(headers).not.toHaveProperty(name);
    }
  });

  test('reach the API with requestHeaders: false and clientIp: false', async () => {
    const credulous = await startEnvoy({ upstream: api, requestHeaders: false, clientIp: false });
    await credulous.call({ headers: claims });
    expect(api.seen[0]?.headers).toMatchObject({ 'x-forwarded-for': '203.0.113.7', 'x-forwarded-proto': 'https' });
  });
});

describe("Envoy's control headers from a client on this machine", () => {
  const slow = () => {
    api.handler = async (_, response) => {
      await sleep(300);
      response.end();
    };
  };
  const failing = () => {
    api.handler = (_, response) => {
      response.statusCode = 503;
      response.end();
    };
  };
  const shorter = { 'x-envoy-upstream-rq-timeout-ms': '20' };
  const more = { 'x-envoy-retry-on': '5xx', 'x-envoy-max-retries': '3' };

  test('have no effect', async () => {
    slow();
    expect(await envoy.call({ headers: shorter })).toMatchObject({ status: 200 });
    expect(api.seen).toHaveLength(1);
    failing();
    expect(await envoy.call({ headers: more })).toMatchObject({ status: 503 });
    expect(api.seen).toHaveLength(2);
  });

  test('have an effect if the address is configured as internal', async () => {
    const internal_address_config = { cidr_ranges: [{ address_prefix: '127.0.0.0', prefix_len: 8 }] };
    const obedient = await startEnvoy({ upstream: api, patch: withManager({ internal_address_config }) });
    slow();
    expect(await obedient.call({ headers: shorter })).toMatchObject({ status: 504 });
    api.seen.length = 0;
    failing();
    expect(await obedient.call({ headers: more })).toMatchObject({ status: 503 });
    expect(api.seen).toHaveLength(4);
  });
});
