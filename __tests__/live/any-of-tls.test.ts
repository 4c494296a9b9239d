import { type Issued, TestAuthority } from '../certificates';
import { type Backend, startBackend } from './backend';
import { type Envoy, type LiveOptions, startEnvoy } from './envoy';
import { http2Call, secureCall } from './https';
import { keySet, signingKey, token } from './tokens';

const authority = TestAuthority.create();
const ofClients = TestAuthority.create('clients');
const server = authority.issue('DNS:a.test');
const orders = ofClients.issue('DNS:orders.test', { subject: '/CN=orders' });
const foreign = authority.issue('DNS:orders.test');

const rsa = signingKey('RS256');
const claims = { iss: 'https://id.example.com/', aud: 'calculator', sub: 'ann' };
const jwt = {
  providers: {
    main: {
      issuer: claims.iss,
      audiences: ['calculator'] as const,
      jwks: { inline: keySet(rsa) },
      claimToHeaders: { 'x-user': 'sub' },
    },
  },
};
const GOOD = { authorization: `Bearer ${token(rsa, claims)}` };
const BAD = { authorization: `Bearer ${token(signingKey('RS256'), claims)}` };
const FORGED = { 'x-forwarded-client-cert': 'Hash=00;Subject="CN=orders"', 'x-user': 'ann' };

let api: Backend;

beforeEach(async () => {
  api = await startBackend();
});

const started = (required: boolean, more: Partial<LiveOptions> = {}) =>
  startEnvoy({
    upstream: api,
    tls: {
      certificates: [{ certificateChain: server.cert, privateKey: server.key }],
      clientCertificates: { trustedCa: { pem: ofClients.pem }, required },
    },
    jwt,
    ...more,
  });

const as = ({ port }: Envoy, client?: Issued, headers: Record<string, string> = {}, path?: string) => ({
  port,
  servername: 'a.test',
  ca: authority.pem,
  headers,
  ...(path !== undefined && { path }),
  ...(client && { cert: client.cert, key: client.key }),
});

/** Returns the status, and the user and certificate subject that reached the API. */
async function ask(...[envoy, client, headers, path]: Parameters<typeof as>) {
  api.seen.length = 0;
  const { status, headers: answer } = await secureCall(as(envoy, client, headers, path));
  expect(answer['strict-transport-security']).toBe('max-age=31536000');
  const { 'x-user': user, 'x-forwarded-client-cert': certificate } = api.seen[0]?.headers ?? {};
  return [status, user, /Subject="([^"]*)"/.exec(String(certificate))?.[1]];
}

const REFUSED = /alert|ECONNRESET|socket hang up/;

describe('a route that accepts a certificate or a token', () => {
  let envoy: Envoy;
  beforeEach(async () => {
    envoy = await started(false, {
      authentication: { anyOf: ['tls', 'jwt'] },
      routes: [{ path: '/open', authentication: { public: true } }],
    });
  });

  test.each<[string, Issued | undefined, Record<string, string>, unknown[]]>([
    ['accepts a certificate alone', orders, {}, [200, undefined, 'CN=orders']],
    ['accepts a token alone', undefined, GOOD, [200, 'ann', undefined]],
    ['ignores a token if there is a certificate', orders, GOOD, [200, undefined, 'CN=orders']],
    ['accepts a certificate with an invalid token', orders, BAD, [200, undefined, 'CN=orders']],
    ['replaces forged identity headers of a client with a certificate', orders, FORGED, [200, undefined, 'CN=orders']],
    ['rejects a request without both', undefined, {}, [401, undefined, undefined]],
    ['rejects an invalid token', undefined, BAD, [401, undefined, undefined]],
    ['rejects forged identity headers', undefined, FORGED, [401, undefined, undefined]],
  ])('%s', async (_, client, headers, answer) => {
    expect(await ask(envoy, client, headers)).toEqual(answer);
  });

  test('behaves the same over HTTP/2', async () => {
    expect(await http2Call(as(envoy, orders))).toEqual({ status: 200, alpn: 'h2' });
    expect(await http2Call(as(envoy))).toEqual({ status: 401, alpn: 'h2' });
  });

  test('rejects a certificate of another authority, even with a valid token', async () => {
    await expect(secureCall(as(envoy, foreign))).rejects.toThrow(REFUSED);
    await expect(secureCall(as(envoy, foreign, GOOD))).rejects.toThrow(REFUSED);
    expect(api.seen).toEqual([]);
  });

  test('requires neither on a public route', async () => {
    expect(await ask(envoy, undefined, FORGED, '/open')).toEqual([200, undefined, undefined]);
  });
});

test('rejects an invalid token with a valid certificate if tokens come first in the order', async () => {
  const envoy = await started(false, {
    authentication: { anyOf: ['jwt', 'tls', 'basicAuth'] },
    basicAuth: { users: { anna: 'not-a-real-password' } },
  });
  expect(await ask(envoy, orders, BAD)).toEqual([401, undefined, undefined]);
  expect(await ask(envoy, orders)).toEqual([200, undefined, 'CN=orders']);
  expect(await ask(envoy)).toEqual([401, undefined, undefined]);
});

test('requires certificate and token without anyOf', async () => {
  const envoy = await started(true);
  expect(await ask(envoy, orders, GOOD)).toEqual([200, 'ann', 'CN=orders']);
  expect(await ask(envoy, orders)).toEqual([401, undefined, undefined]);
  expect(await ask(envoy, orders, BAD)).toEqual([401, undefined, undefined]);
  api.seen.length = 0;
  await expect(secureCall(as(envoy, undefined, GOOD))).rejects.toThrow(REFUSED);
  await expect(secureCall(as(envoy, foreign, GOOD))).rejects.toThrow(REFUSED);
  expect(api.seen).toEqual([]);
});
