import { assemble, type Bootstrap, type PathNormalizationOptions } from '../../envoy';
import type { HttpConnectionManager, Route } from '../../envoy/messages/builders';
import { type Backend, startBackend } from './backend';
import { binaries } from './binaries';
import { type Envoy, startEnvoy } from './envoy';
import { rawStatus } from './http';
import { http2Call } from './https';
import { freePort } from './ports';
import { problemOf } from './problem';
import { keySet, signingKey, token } from './tokens';

let api: Backend;

beforeAll(async () => {
  api = await startBackend();
});

/** Returns the result of a path: the path that the API receives, or the status with the location. */
function startOutcomes(options: PathNormalizationOptions | false | undefined) {
  let started: ReturnType<typeof startEnvoy> | undefined;
  return async (path: string): Promise<string> => {
    started ??= startEnvoy({ upstream: api, ...(options !== undefined && { pathNormalization: options }) });
    const envoy = await started;
    api.seen.length = 0;
    const { status, headers } = await envoy.call({ path });
    return status === 200 ? `api ${api.seen[0]?.url}` : `${status} ${headers.location ?? ''}`.trim();
  };
}

describe('the default options', () => {
  const outcome = startOutcomes(undefined);
  test.each([
    ['/a', 'api /a'],
    ['//a', 'api /a'],
    ['/x/../a', 'api /a'],
    ['/x/%2e%2E/a', 'api /a'],
    ['/../../a', 'api /a'],
    ['/./a//b', 'api /a/b'],
    ['/x\\..\\a', 'api /a'],
    ['/a?next=%2Fx//y/../z', 'api /a?next=%2Fx//y/../z'],
    ['/%252Fa', 'api /%252Fa'],
    ['/%2Fa', '307 /a'],
    ['/a%2f..%2fb', '307 /b'],
    ['/x%5C..%5ca', '307 /a'],
    ['/%2Fa?q=%2F', '307 /a?q=%2F'],
    ['/a%00', '400'],
    ['/a%c0%ae%ff', 'api /a%c0%ae%ff'],
  ])('normalize %s to: %s', async (path, expected) => {
    expect(await outcome(path)).toBe(expected);
  });
});

describe("escapedSlashes: 'reject'", () => {
  const outcome = startOutcomes({ escapedSlashes: 'reject' });
  test.each([
    ['/%2Fa', '400'],
    ['/a%2f..%2fb', '400'],
    ['/a%5cb', '400'],
    ['//x/../a', 'api /a'],
    ['/a?next=%2Fx', 'api /a?next=%2Fx'],
  ])('normalizes %s to: %s', async (path, expected) => {
    expect(await outcome(path)).toBe(expected);
  });
});

describe("escapedSlashes: 'keep'", () => {
  const outcome = startOutcomes({ escapedSlashes: 'keep' });
  test.each([
    ['/%2Fa', 'api /%2Fa'],
    ['/a%2f..%2fb', 'api /a%2f..%2fb'],
    ['//x/../a', 'api /a'],
  ])('normalizes %s to: %s', async (path, expected) => {
    expect(await outcome(path)).toBe(expected);
  });
});

describe('mergeSlashes: false', () => {
  const outcome = startOutcomes({ mergeSlashes: false, escapedSlashes: 'reject' });
  test.each([
    ['//a', 'api //a'],
    ['/x/..//a', 'api //a'],
    ['/x/../a', 'api /a'],
  ])('normalizes %s to: %s', async (path, expected) => {
    expect(await outcome(path)).toBe(expected);
  });
});

describe('pathNormalization: false', () => {
  const outcome = startOutcomes(false);
  test.each(['//a', '/x/../a', '/%2Fa', '/a%2f..%2fb'])('passes %s unchanged', async (path) => {
    expect(await outcome(path)).toBe(`api ${path}`);
  });
});

// For a browser, `Location: //evil.example` is another host. The sidecar may also reject options that cause it.
describe.each([
  ['the default options', undefined],
  ['mergeSlashes: false', { mergeSlashes: false }],
] as const)('with %s, a redirect keeps the host', (_, options) => {
  const outcome = startOutcomes(options);
  test.each(['/%2Fevil.example', '/%5Cevil.example', '//evil.example/%2F..', '/%2F%5Cevil.example'])(
    'for %s',
    async (path) => {
      const result = await outcome(path).catch((error: Error) => `refused: ${error.message}`);
      expect(result).toMatch(/^(307 \/[^/\\]|refused: .*mergeSlashes)/);
    },
  );
});

/** Reads a path as lenient servers do: they decode it, remove parameters and resolve dot segments, in any order. */
function normalizeLeniently(url: string): string {
  const segments = decodeURIComponent(url.split('?')[0] ?? '')
    .split(/[/\\]/)
    .map((segment) => segment.replace(/;.*/, ''));
  return segments.reduce(
    (path, segment) =>
      segment === '..' ? path.replace(/\/[^/]*$/, '') : ['', '.'].includes(segment) ? path : `${path}/${segment}`,
    '',
  );
}

/** From 1.39 on, Envoy resolves these dot segments as such servers do. */
const PLAIN_DOT_SEGMENTS = [
  '/public/..;/closed',
  '/public/..;x=1/closed',
  '/public//..;/closed',
  '/public/./..;/closed',
  '/public/;/..;/..;/closed',
  '/public/%ff/..;/..;/closed',
  '/public/x/..;/..;/closed',
  '/public/x/%2e%2e;/..;/closed',
  'http://api/public/..;/closed',
  '/public/.;/a',
  '/public/x/.;x=1',
  '/.;/closed',
];

const ENCODED_DOT_SEGMENTS = [
  '/public/%2e%2e;/closed',
  '/public/.%2e;/closed',
  '/public/%2E.;x=1/closed',
  '/public/..%3b/closed',
  '/public/..%3B/closed',
  '/public/%2e%2E%3bx/closed',
  '/public\\..;\\closed',
  '/public\\%2e%2e;\\closed',
  '/public/%ff/%2e%2e;/%2e%2e;/closed',
  '/public/..;/%2e%2e;/closed',
  '/public/%2e%2e;',
  'http://api/public/%2e%2e;/closed',
  '/%2e;/closed',
  '/%2E;x=y/closed',
  '/%2e;/x/../closed',
  '/public/x/%2e;',
  '/.%3b/closed',
  '/.%3B/closed',
  '\\%2e;\\closed',
  'http://api/%2e;/closed',
];

/** Regular expressions of some servers ignore a line end after a path, and some servers read `%u002e` as a dot. */
const CONTROL_CHARACTERS = [
  '/public/a%0a',
  '/public/a%0A',
  '/public/a%0d%0a',
  '/public/%09a',
  '/public/%1f/a',
  '/public/%7f',
  '/public/%7F',
  '/public/a%c2%85',
  '/public/a%C2%9F',
  '/public/a%e2%80%a8',
  '/public/a%E2%80%A9',
  '/public/%u002e%u002e/closed',
  '/public/%U002e',
  '/public/%ff%0a',
  'http://api/public/a%0a',
  // Envoy itself rejects these.
  '/public/a%00',
  '/public/a\tb',
  '/public/a\x7f',
  '/public/a\x80',
];

describe.each([...binaries().keys()])('Envoy %s with a public path', (minor) => {
  const key = signingKey('RS256');
  const claims = { iss: 'https://id.example.com/', aud: 'calculator' };
  const providers = { main: { issuer: claims.iss, audiences: ['calculator'] as const, jwks: { inline: keySet(key) } } };
  let envoy: Envoy;

  beforeAll(async () => {
    envoy = await startEnvoy(
      { upstream: api, jwt: { providers }, authentication: { publicPaths: ['/public'] } },
      minor,
    );
  });

  beforeEach(() => {
    api.seen.length = 0;
  });

  const statusOf = (path: string) => rawStatus(envoy.port, path);

  test.each(minor < '1.39' ? [...PLAIN_DOT_SEGMENTS, ...ENCODED_DOT_SEGMENTS] : ENCODED_DOT_SEGMENTS)(
    'rejects the dot segment with a parameter in %s',
    async (path) => {
      expect({ status: await statusOf(path), seen: api.seen }).toEqual({ status: 400, seen: [] });
    },
  );

  test.each(CONTROL_CHARACTERS)('rejects the control character in %j', async (path) => {
    expect({ status: await statusOf(path), seen: api.seen }).toEqual({ status: 400, seen: [] });
  });

  test.each(['/public/%2e;/a', '/public/a%0a', '/public/a\xc2\x85', '/public/a\xe2\x80\xa8'])(
    'rejects %j over HTTP/2',
    async (path) => {
      const { status } = await http2Call({ port: envoy.port, protocol: 'http', path });
      expect({ status, seen: api.seen }).toEqual({ status: 400, seen: [] });
    },
  );

  test.each(PLAIN_DOT_SEGMENTS)('keeps %s within the public path', async (path) => {
    expect([200, 400, 401]).toContain(await statusOf(path));
    expect(api.seen.map(({ url }) => normalizeLeniently(url)).filter((url) => !url.startsWith('/public/'))).toEqual([]);
  });

  test.each(['/public%2f..;%2fclosed', '/public%5c..;%5cclosed'])(
    'rejects the path to which it redirects %s',
    async (path) => {
      const { status, headers } = await envoy.call({ path });
      expect(status).toBe(307);
      expect([400, 401]).toContain((await envoy.call({ path: headers.location ?? '' })).status);
      expect(api.seen).toEqual([]);
    },
  );

  test('rejects such a path even with a valid token', async () => {
    const authorization = `Bearer ${token(key, claims)}`;
    const answer = await envoy.call({ path: '/public/%2e%2e;/closed', headers: { authorization } });
    expect({ status: answer.status, problem: problemOf(answer).problem }).toEqual({
      status: 400,
      problem: { status: 400, title: 'Bad Request' },
    });
    expect(await envoy.logged('/public/..;/closed')).toMatchObject({
      status: 400,
      details: 'rbac_access_denied_matched_policy[climbing_path]',
    });
    expect(api.seen).toEqual([]);
  });

  test('names the reason in the access log and the statistics', async () => {
    const count = () => envoy.stat('http.ingress_http.rbac.malformed.policy.control_character.denied');
    const before = (await count()) || 0;
    await envoy.call({ path: '/public/logged%0a' });
    expect(await envoy.logged('/public/logged%0a')).toMatchObject({
      status: 400,
      details: 'rbac_access_denied_matched_policy[control_character]',
    });
    expect(await count()).toBe(before + 1);
  });

  test.each([
    '/public/a..;b',
    '/public/...;/x',
    '/public/;x',
    '/public/x..;/y',
    '/public?x=/..;/',
    '/public/%252e%252e;/x',
    '/public/a.;b',
    '/public?x=/.;/',
    '/public?x=a%0a%00%u002e',
    '/public/%250a',
    '/public/a%20',
    '/public/caf%C3%A9/%E2%82%AC/%F0%9F%98%80',
    '/public/a%C2%A0b%C3%85',
  ])('accepts %s', async (path) => {
    expect((await envoy.call({ path })).status).toBe(200);
    expect(normalizeLeniently(api.seen[0]?.url ?? '')).toMatch(/^\/public/);
  });
});

test('rejects a dot segment with a parameter as plain text with localReplies: false', async () => {
  const envoy = await startEnvoy({ upstream: api, localReplies: false });
  const { status, headers, body } = await envoy.call({ path: '/x/%2e%2e;/y' });
  expect({ status, type: headers['content-type'], body }).toEqual({
    status: 400,
    type: 'text/plain',
    body: 'Bad Request',
  });
});

test("rejects a dot segment with a parameter with a user's bootstrap", async () => {
  const { host, port } = api;
  const { bootstrap } = assemble({
    upstream: { host, port },
    port: await freePort(),
    pathNormalization: false,
  });
  const envoy = await startEnvoy({ upstream: api, baseConfig: bootstrap, pathNormalization: {} });
  expect((await envoy.call({ path: '/x/%2e%2e;/y' })).status).toBe(400);
  expect((await envoy.call({ path: '/x/y' })).status).toBe(200);
});

test('no request matches the paths that route options reject as unreachable', async () => {
  const written = ['/v/{id}', '/a|b', '/a^b', '/a"b', '/a<b>', '/%61', '/a/../b', '/a//b', '/a%2Fb', '/a/./b'];
  const envoy = await startEnvoy({
    upstream: api,
    // The route options reject these paths.
    patch: withRoutes(written.map((path) => ({ match: { path }, direct_response: { status: 204 } }))),
  });
  for (const path of written) {
    expect({ path, status: await rawStatus(envoy.port, path) }).not.toEqual({ path, status: 204 });
  }
});

function withRoutes(routes: readonly Route[]): (bootstrap: Bootstrap) => Bootstrap {
  return (bootstrap) => {
    const copy = structuredClone(bootstrap);
    const manager = copy.static_resources?.listeners?.[0]?.filter_chains?.[0]?.filters?.[0]?.typed_config;
    const [host] = (manager as unknown as HttpConnectionManager).route_config?.virtual_hosts ?? [];
    Object.assign(host ?? {}, { routes: [...routes, ...(host?.routes ?? [])] });
    return copy;
  };
}
