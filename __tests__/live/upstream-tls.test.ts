import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import type { UpstreamTlsOptions } from '../../envoy';
import { TestAuthority } from '../certificates';
import { startBackend } from './backend';
import { until } from './cleanup';
import { startDns } from './dns';
import { type LiveOptions, startEnvoy } from './envoy';
import { Authority, asText, type Certificate, inFiles, startTlsBackend } from './tls-backend';

let ours: Authority;
let theirs: Authority;
let api: Certificate;

beforeAll(() => {
  ours = new Authority();
  theirs = new Authority();
  api = ours.issue('api', 'DNS:api.test');
});

/** Starts Envoy in front of an API with the host name `api.test`. */
async function startEnvoyTo(port: number, upstreamTls: UpstreamTlsOptions, more: Omit<LiveOptions, 'upstream'> = {}) {
  const dns = await startDns('127.0.0.2');
  return startEnvoy({ upstream: { host: 'api.test', port, upstreamTls }, patch: dns.patch, ...more });
}

const SERVED = { status: 200, body: 'from the API' };
const FOR_SERVERS = 'DNS:sidecar.test\nextendedKeyUsage=serverAuth';
const trusting = (authority: Authority) => ({ trustedCa: { file: authority.file } });
const trustingText = (authority: Authority) => ({ trustedCa: { pem: readFileSync(authority.file, 'utf8') } });

test.each(['file', 'pem'] as const)(
  "accepts a certificate for the API's name with an authority given as %s",
  async (how) => {
    const { port, seen } = await startTlsBackend(api);
    const envoy = await startEnvoyTo(port, how === 'file' ? trusting(ours) : trustingText(ours));
    expect(await envoy.call()).toMatchObject(SERVED);
    expect(seen).toEqual([{ serverName: 'api.test', version: 'TLSv1.3' }]);
  },
);

describe('answers 503 without a request to the API', () => {
  test.each<[string, () => UpstreamTlsOptions, () => Certificate]>([
    ['for a certificate of another authority', () => trusting(ours), () => theirs.issue('api', 'DNS:api.test')],
    ['for a certificate of a private authority by default', () => ({}), () => api],
    [
      'for a certificate for another name',
      () => trusting(ours),
      () => ours.issue('other', 'DNS:other.test,IP:127.0.0.2'),
    ],
    [
      'for a certificate for another name with authorities given as text',
      () => trustingText(ours),
      () => ours.issue('other', 'DNS:a.test'),
    ],
    ['for a certificate for a subdomain', () => trusting(ours), () => ours.issue('below', 'DNS:a.api.test')],
    ['for an expired certificate', () => trusting(ours), () => ours.issue('old', 'DNS:api.test', -1)],
    [
      'for a certificate without the configured serverName',
      () => ({ ...trusting(ours), serverName: 'other.test' }),
      () => api,
    ],
  ])('%s', async (_, options, certificate) => {
    const { port, seen } = await startTlsBackend(certificate());
    const envoy = await startEnvoyTo(port, options());
    expect(await envoy.call()).toMatchObject({ status: 503 });
    expect(seen).toEqual([]);
    expect(
      (await envoy.stat('cluster.api.ssl.fail_verify_error')) + (await envoy.stat('cluster.api.ssl.fail_verify_san')),
    ).toBeGreaterThan(0);
  });

  test('if the API has TLS 1.1 only', async () => {
    const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
    const { host, port, seen } = await startTlsBackend(api, old);
    const socket = tls.connect({ host, port, ...old, rejectUnauthorized: false });
    await once(socket, 'secureConnect');
    expect(socket.getProtocol()).toBe('TLSv1.1');
    socket.destroy();
    const envoy = await startEnvoyTo(port, trusting(ours));
    expect(await envoy.call()).toMatchObject({ status: 503 });
    expect(seen).toEqual([]);
  });

  test('if the API has no TLS', async () => {
    const plain = await startBackend({ host: '127.0.0.2' });
    const envoy = await startEnvoyTo(plain.port, trusting(ours));
    expect(await envoy.call()).toMatchObject({ status: 503 });
    expect(plain.seen).toEqual([]);
  });
});

test('sends serverName as SNI and verifies it', async () => {
  const { port, seen } = await startTlsBackend(ours.issue('other', 'DNS:other.test'));
  const envoy = await startEnvoyTo(port, { ...trusting(ours), serverName: 'other.test' });
  expect(await envoy.call()).toMatchObject(SERVED);
  expect(seen).toMatchObject([{ serverName: 'other.test' }]);
});

test.each(['TLSv1.2', 'TLSv1.3'] as const)('accepts an API with %s only', async (version) => {
  const { port, seen } = await startTlsBackend(api, { minVersion: version, maxVersion: version });
  const envoy = await startEnvoyTo(port, trusting(ours));
  expect(await envoy.call()).toMatchObject(SERVED);
  expect(seen).toMatchObject([{ version }]);
});

describe('an API at an IP address', () => {
  const at = (port: number) =>
    startEnvoy({
      upstream: { host: '127.0.0.2', port, upstreamTls: trusting(ours) },
      discovery: { type: 'STATIC' },
    });

  test('is verified by its address, without SNI', async () => {
    const { port, seen } = await startTlsBackend(ours.issue('address', 'IP:127.0.0.2'));
    expect(await (await at(port)).call()).toMatchObject(SERVED);
    expect(seen).toMatchObject([{ serverName: false }]);
  });

  test.each(['IP:127.0.0.3', 'DNS:api.test', 'DNS:127.0.0.2'])(
    'gets no request with a certificate for %s',
    async (altNames) => {
      const { port, seen } = await startTlsBackend(ours.issue('elsewhere', altNames));
      expect(await (await at(port)).call()).toMatchObject({ status: 503 });
      expect(seen).toEqual([]);
    },
  );
});

describe('an API that requires a client certificate', () => {
  const startVerifyingApi = () =>
    startTlsBackend(api, { requestCert: true, rejectUnauthorized: true, ca: readFileSync(ours.file) });

  test.each([
    ['given as files', inFiles],
    ['given as text', asText],
  ])('receives the client certificate %s', async (_, given) => {
    const { port, seen } = await startVerifyingApi();
    const certificate = given(ours.issue('sidecar', 'DNS:sidecar.test'));
    const envoy = await startEnvoyTo(port, { ...trusting(ours), certificate });
    expect(await envoy.call()).toMatchObject(SERVED);
    expect(seen).toMatchObject([{ client: 'sidecar' }]);
  });

  test.each<[string, () => UpstreamTlsOptions]>([
    ['no client certificate', () => ({})],
    // Given as text, synthesis would reject it. It cannot read files.
    ['a client certificate for servers only', () => ({ certificate: inFiles(ours.issue('sidecar', FOR_SERVERS)) })],
    [
      'a client certificate of another authority',
      () => ({ certificate: inFiles(theirs.issue('sidecar', 'DNS:sidecar.test')) }),
    ],
  ])('rejects Envoy with %s', async (_, options) => {
    const { port, seen } = await startVerifyingApi();
    const envoy = await startEnvoyTo(port, { ...trusting(ours), ...options() });
    expect(await envoy.call()).toMatchObject({ status: 503 });
    expect(seen).toEqual([]);
  });
});

describe.each(['TLSv1.2', 'TLSv1.3'] as const)('%s', (version) => {
  const authority = TestAuthority.create();
  const curve = (name: string) => ['ec', '-pkeyopt', `ec_paramgen_curve:${name}`];

  test.each([
    ['RSA', ['rsa:2048']],
    ['P-256', curve('P-256')],
    ['P-384', curve('P-384')],
    ['P-521', curve('P-521')],
    ['Ed25519', ['ed25519']],
  ])('accepts server and client certificates with a key of type %s', async (_, kind) => {
    const { certFile: chain, keyFile: key } = authority.issue('DNS:api.test', { key: kind });
    const own = authority.issue('DNS:sidecar.test', { key: kind, subject: '/CN=sidecar' });
    const asks = { requestCert: true, rejectUnauthorized: true, ca: authority.pem };
    const { port, seen } = await startTlsBackend({ chain, key }, { maxVersion: version, ...asks });
    const certificate = { certificateChain: own.cert, privateKey: own.key };
    const envoy = await startEnvoyTo(port, { trustedCa: { pem: authority.pem }, certificate });
    expect(await envoy.call()).toMatchObject(SERVED);
    expect(seen).toMatchObject([{ version, client: 'sidecar' }]);
  });
});

test('accepts any certificate with insecureSkipVerify', async () => {
  const { port, seen } = await startTlsBackend(theirs.issue('other', 'DNS:other.test', -1));
  const envoy = await startEnvoyTo(port, { insecureSkipVerify: true });
  expect(await envoy.call()).toMatchObject(SERVED);
  expect(seen).toMatchObject([{ serverName: 'api.test' }]);
});

test.each<[string, () => Authority, boolean]>([
  ['succeeds with a valid certificate', () => ours, true],
  ['fails with an invalid certificate', () => theirs, false],
])('the health check %s', async (_, authority, well) => {
  const { port } = await startTlsBackend(api);
  const envoy = await startEnvoyTo(port, trusting(authority()), {
    healthCheck: { path: '/health', interval: '100ms' },
  });
  const flag = well ? 'health_flags::healthy' : 'health_flags::/failed_active_hc';
  await until(flag, async () => (await envoy.admin('/clusters')).body.includes(flag));
});
