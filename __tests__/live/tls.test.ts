import type tls from 'node:tls';
import type { TlsOptions } from '../../envoy';
import { TestAuthority } from '../certificates';
import { type Backend, startBackend } from './backend';
import { type LiveOptions, startEnvoy } from './envoy';
import { call } from './http';
import { connectTls, http2Call, secureCall } from './https';
import { freePort } from './ports';

const authority = TestAuthority.create();
const a = authority.issue('DNS:a.test');
const b = authority.issue('DNS:b.test');
const pem = ({ cert, key }: { cert: string; key: string }) => ({ certificateChain: cert, privateKey: key });

let api: Backend;

beforeAll(async () => {
  api = await startBackend();
});

const envoyWith = (tls: Partial<TlsOptions> = {}, more: Partial<LiveOptions> = {}) =>
  startEnvoy({ upstream: api, tls: { certificates: [pem(a)], ...tls }, ...more });

const trusting = (port: number, servername = 'a.test') => ({ port, servername, ca: authority.pem });

test('serves HTTP/1.1 and HTTP/2 over TLS, and closes unencrypted connections', async () => {
  const { port } = await envoyWith();
  expect(await secureCall(trusting(port))).toMatchObject({ status: 200, version: 'TLSv1.3', from: 'DNS:a.test' });
  expect(await http2Call(trusting(port))).toEqual({ status: 200, alpn: 'h2' });
  await expect(call({ port })).rejects.toThrow('socket hang up');
});

test('selects the certificate by server name, and the first for no or an unknown name', async () => {
  const { port } = await envoyWith({ certificates: [pem(a), pem(b)] });
  const from = async (servername: string) =>
    (await secureCall({ ...trusting(port, servername), checkServerIdentity: () => undefined })).from;
  expect(await from('a.test')).toBe('DNS:a.test');
  expect(await from('b.test')).toBe('DNS:b.test');
  expect(await from('c.test')).toBe('DNS:a.test');
  expect(await from('')).toBe('DNS:a.test');
});

test('selects between two certificates for one name by the key types of the client, ECDSA before RSA', async () => {
  const rsa = pem(authority.issue('DNS:a.test', { key: ['rsa:2048'], subject: '/CN=rsa' }));
  const ecdsa = pem(authority.issue('DNS:a.test', { subject: '/CN=ecdsa' }));
  for (const certificates of [[rsa, ecdsa] as const, [ecdsa, rsa] as const]) {
    const { port } = await envoyWith({ certificates });
    const shown = async (options: tls.ConnectionOptions) => {
      const socket = await connectTls({ ...trusting(port), ...options });
      return socket.getPeerCertificate().subject.CN;
    };
    expect(await shown({})).toBe('ecdsa');
    expect(await shown({ sigalgs: 'rsa_pss_rsae_sha256' })).toBe('rsa');
    expect(await shown({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' })).toBe('ecdsa');
    expect(await shown({ maxVersion: 'TLSv1.2', ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' })).toBe('rsa');
  }
});

test('serves the first ECDSA certificate without a server name, and the first one for an unknown name', async () => {
  const rsa = authority.issue('DNS:b.test', { key: ['rsa:2048'] });
  const { port } = await envoyWith({ certificates: [pem(rsa), pem(a)] });
  const from = async (servername: string, sigalgs?: string) =>
    (await secureCall({ ...trusting(port, servername), checkServerIdentity: () => undefined, sigalgs })).from;
  expect(await from('')).toBe('DNS:a.test');
  expect(await from('', 'rsa_pss_rsae_sha256')).toBe('DNS:b.test');
  expect(await from('c.test')).toBe('DNS:b.test');
});

describe('TLS profiles', () => {
  const speaking = (port: number, version: tls.SecureVersion, ciphers?: string) =>
    secureCall({
      ...trusting(port),
      minVersion: version,
      maxVersion: version,
      ciphers: ciphers ?? 'DEFAULT@SECLEVEL=0',
    });

  test('intermediate accepts TLS 1.3 and TLS 1.2 with forward secrecy and AEAD ciphers only', async () => {
    const { port } = await envoyWith();
    expect(await speaking(port, 'TLSv1.3')).toMatchObject({ status: 200, version: 'TLSv1.3' });
    expect(await speaking(port, 'TLSv1.2')).toMatchObject({ status: 200, version: 'TLSv1.2' });
    for (const cipher of ['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'CHACHA20-POLY1305']) {
      expect(await speaking(port, 'TLSv1.2', `ECDHE-ECDSA-${cipher}`)).toMatchObject({ status: 200 });
    }
    await expect(speaking(port, 'TLSv1.2', 'ECDHE-ECDSA-AES128-SHA')).rejects.toThrow('handshake failure');
    await expect(speaking(port, 'TLSv1.1')).rejects.toThrow('alert protocol version');
    await expect(speaking(port, 'TLSv1')).rejects.toThrow('alert protocol version');
  });

  test('modern accepts TLS 1.3 only', async () => {
    const { port } = await envoyWith({ profile: 'modern' });
    expect(await speaking(port, 'TLSv1.3')).toMatchObject({ status: 200, version: 'TLSv1.3' });
    await expect(speaking(port, 'TLSv1.2')).rejects.toThrow('alert protocol version');
  });

  test.each(['intermediate', 'modern'] as const)(
    '%s accepts the curves X25519, P-256 and P-384 only',
    async (profile) => {
      const { port } = await envoyWith({ profile });
      for (const ecdhCurve of ['X25519', 'P-256', 'P-384']) {
        expect(await secureCall({ ...trusting(port), ecdhCurve })).toMatchObject({ status: 200 });
      }
      await expect(secureCall({ ...trusting(port), ecdhCurve: 'P-521' })).rejects.toThrow('handshake failure');
    },
  );
});

describe('strict-transport-security', () => {
  const HSTS = 'strict-transport-security';
  const YEAR = 'max-age=31536000';

  test('is in every response of the API and of Envoy', async () => {
    const { port } = await envoyWith(
      {},
      {
        routes: [{ path: '/own', directResponse: { status: 404, body: '' } }],
        requestHeaders: { headersWithUnderscores: 'reject' },
      },
    );
    const at = async (path: string, headers = {}) => {
      const answer = await secureCall({ ...trusting(port), path, headers });
      return [answer.status, answer.headers[HSTS]];
    };
    expect(await at('/')).toEqual([200, YEAR]);
    expect(await at('/own')).toEqual([404, YEAR]);
    expect(await at('/a%2Fb')).toEqual([307, YEAR]);
    await api.stop();
    expect(await at('/')).toEqual([503, YEAR]);
    api = await startBackend({ port: api.port });
  });

  test('keeps the header of the API', async () => {
    const own = await startBackend({ handler: (_, response) => response.setHeader(HSTS, 'max-age=7').end() });
    const { port } = await envoyWith({}, { upstream: own });
    expect((await secureCall(trusting(port))).headers[HSTS]).toBe('max-age=7');
  });

  test.each([
    [
      'has the configured values',
      { maxAge: '24h', includeSubdomains: true } as const,
      'max-age=86400; includeSubDomains',
    ],
    ['is missing with hsts: false', false as const, undefined],
  ])('%s', async (_, hsts, expected) => {
    const { port } = await envoyWith({ hsts });
    expect((await secureCall(trusting(port))).headers[HSTS]).toBe(expected);
  });
});

describe('the redirect from unencrypted HTTP', () => {
  const redirected = async (httpsPort: number | undefined, host: string, request: object = {}) => {
    const port = await freePort();
    await envoyWith({ httpsRedirect: { port, ...(httpsPort !== undefined && { httpsPort }) } });
    const { status, headers } = await call({ port, headers: { host }, ...request });
    return [status, headers.location, headers['strict-transport-security']];
  };

  test.each([
    [8443, 'a.test', 'https://a.test:8443/x?y=1'],
    [8443, 'a.test:8080', 'https://a.test:8443/x?y=1'],
    [8443, '[::1]:8080', 'https://[::1]:8443/x?y=1'],
    [443, 'a.test:8080', 'https://a.test/x?y=1'],
    [443, '[::1]:8080', 'https://[::1]/x?y=1'],
    [undefined, 'a.test', 'https://a.test/x?y=1'],
  ])('with httpsPort %s leads from %s to %s', async (httpsPort, host, location) => {
    api.seen.length = 0;
    expect(await redirected(httpsPort, host, { path: '/x?y=1' })).toEqual([308, location, undefined]);
    expect(api.seen).toEqual([]);
  });

  test.each(['user:secret@a.test', 'user@a.test:8080', 'user:secret@'])(
    'rejects a host with credentials: %s',
    async (host) => {
      expect(await redirected(443, host)).toEqual([400, undefined, undefined]);
    },
  );

  test('keeps the method POST', async () => {
    const [status] = await redirected(443, 'a.test', { method: 'POST', body: 'x' });
    expect(status).toBe(308);
  });
});
