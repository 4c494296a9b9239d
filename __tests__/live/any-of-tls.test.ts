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

const started = (require: boolean, more: Partial<LiveOptions> = {}) =>
  startEnvoy({
    upstream: api,
    tls: {
      certificates: [{ chain: server.cert, key: server.key }],
      clients: { trustedCa: { pem: ofClients.pem }, require },
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

/** The answer's status, and who the API is told it was. */
async function ask(...[envoy, client, headers, path]: Parameters<typeof as>) {
  api.seen.length = 0;
  const { status, headers: answer } = await secureCall(as(envoy, client, headers, path));
  expect(answer['strict-transport-security']).toBe('max-age=31536000');
  const { 'x-user': user, 'x-forwarded-client-cert': certificate } = api.seen[0]?.headers ?? {};
  return [status, user, /Subject="([^"]*)"/.exec(String(certificate))?.[1]];
}

const REFUSED = /alert|ECONNRESET|socket hang up/;

describe('a certificate or a token', () => {
  let envoy: Envoy;
  beforeEach(async () => {
    envoy = await started(false, { anyOf: ['tls', 'jwt'], routes: [{ path: '/open', public: true }] });
  });

  test.each<[string, Issued | undefined, Record<string, string>, unknown[]]>([
    ['a certificate alone', orders, {}, [200, undefined, 'CN=orders']],
    ['a token alone', undefined, GOOD, [200, 'ann', undefined]],
    ['both: the certificate has judged', orders, GOOD, [200, undefined, 'CN=orders']],
    ['a certificate, beside a bad token', orders, BAD, [200, undefined, 'CN=orders']],
    ['a certificate, and headers that claim more', orders, FORGED, [200, undefined, 'CN=orders']],
    ['neither', undefined, {}, [401, undefined, undefined]],
    ['a bad token', undefined, BAD, [401, undefined, undefined]],
    ['headers that claim to be somebody', undefined, FORGED, [401, undefined, undefined]],
  ])('%s', async (_, client, headers, answer) => {
    expect(await ask(envoy, client, headers)).toEqual(answer);
  });

  test('by HTTP/2 alike', async () => {
    expect(await http2Call(as(envoy, orders))).toEqual({ status: 200, alpn: 'h2' });
    expect(await http2Call(as(envoy))).toEqual({ status: 401, alpn: 'h2' });
  });

  test('a certificate of another authority is refused, and no token helps it', async () => {
    await expect(secureCall(as(envoy, foreign))).rejects.toThrow(REFUSED);
    await expect(secureCall(as(envoy, foreign, GOOD))).rejects.toThrow(REFUSED);
    expect(api.seen).toEqual([]);
  });

  test('a public path asks for neither', async () => {
    expect(await ask(envoy, undefined, FORGED, '/open')).toEqual([200, undefined, undefined]);
  });
});

test('where a token goes first, a bad one is refused beside a certificate', async () => {
  const envoy = await started(false, {
    anyOf: ['jwt', 'tls', 'basicAuth'],
    basicAuth: { users: { anna: 'not-a-real-password' } },
  });
  expect(await ask(envoy, orders, BAD)).toEqual([401, undefined, undefined]);
  expect(await ask(envoy, orders)).toEqual([200, undefined, 'CN=orders']);
  expect(await ask(envoy)).toEqual([401, undefined, undefined]);
});

test('without anyOf, it needs both', async () => {
  const envoy = await started(true);
  expect(await ask(envoy, orders, GOOD)).toEqual([200, 'ann', 'CN=orders']);
  expect(await ask(envoy, orders)).toEqual([401, undefined, undefined]);
  expect(await ask(envoy, orders, BAD)).toEqual([401, undefined, undefined]);
  api.seen.length = 0;
  await expect(secureCall(as(envoy, undefined, GOOD))).rejects.toThrow(REFUSED);
  await expect(secureCall(as(envoy, foreign, GOOD))).rejects.toThrow(REFUSED);
  expect(api.seen).toEqual([]);
});
