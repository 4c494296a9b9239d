import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ClientCertificates } from '../../envoy';
import { type Issued, TestAuthority } from '../certificates';
import { type Backend, startBackend } from './backend';
import { binaries } from './binaries';
import { until } from './cleanup';
import { type LiveOptions, startEnvoy, temporaryFolder } from './envoy';
import { http2Call, resumesSession, secureCall } from './https';

const authority = TestAuthority.create();
const ofClients = TestAuthority.create('clients');
const server = authority.issue('DNS:a.test');
const orders = ofClients.issue('DNS:orders.test,URI:spiffe://test/orders', { subject: '/CN=orders' });
const stock = ofClients.issue('DNS:stock.test', { subject: '/CN=stock' });
const CERT = 'x-forwarded-client-cert';

let api: Backend;

beforeEach(async () => {
  api = await startBackend();
});

const envoyAsking = (clientCertificates?: ClientCertificates, more: Partial<LiveOptions> = {}, minor?: string) =>
  startEnvoy(
    {
      upstream: api,
      tls: {
        certificates: [{ certificateChain: server.cert, privateKey: server.key }],
        ...(clientCertificates && { clientCertificates }),
      },
      ...more,
    },
    minor,
  );

const as = (client: Issued | undefined, port: number, headers: Record<string, string> = {}) => ({
  port,
  servername: 'a.test',
  ca: authority.pem,
  headers,
  ...(client && { cert: client.cert, key: client.key }),
});
const trusted = { trustedCa: { pem: ofClients.pem } };
const forwardedCertificates = () => api.seen.map(({ headers }) => headers[CERT]);
const FORGED = { [CERT]: 'Hash=00;Subject="CN=admin"' };
const OF_ORDERS = expect.stringMatching(
  /^Hash=[0-9a-f]{64};Subject="CN=orders";URI=spiffe:\/\/test\/orders;DNS=orders\.test$/,
);

test.each([
  ['HTTP/1.1', secureCall],
  ['HTTP/2', http2Call],
] as const)('passes the verified certificate to the API over %s in place of a forged one', async (_, ask) => {
  const { port } = await envoyAsking(trusted);
  expect(await ask(as(orders, port, FORGED))).toMatchObject({ status: 200 });
  expect(forwardedCertificates()).toEqual([OF_ORDERS]);
});

describe('rejects a client', () => {
  const REFUSED = /alert|ECONNRESET|socket hang up/;

  test.each<[string, () => Issued | undefined, string]>([
    ['without a certificate', () => undefined, 'ssl.fail_verify_no_cert'],
    ['with a certificate of another authority', () => authority.issue('DNS:orders.test'), 'ssl.fail_verify_error'],
    ['with an expired certificate', () => ofClients.issue('DNS:orders.test', { days: -1 }), 'ssl.fail_verify_error'],
  ])('%s', async (_, client, stat) => {
    const envoy = await envoyAsking(trusted);
    await expect(secureCall(as(client(), envoy.port))).rejects.toThrow(REFUSED);
    expect(api.seen).toEqual([]);
    expect(await envoy.stat(`listener.0.0.0.0_${envoy.port}.${stat}`)).toBe(1);
  });

  test('with a name that is not allowed', async () => {
    const { port } = await envoyAsking({ ...trusted, subjectAltNames: ['URI:spiffe://test/orders'] });
    await expect(secureCall(as(stock, port))).rejects.toThrow(REFUSED);
    expect(await secureCall(as(orders, port))).toMatchObject({ status: 200 });
    expect(forwardedCertificates()).toEqual([OF_ORDERS]);
  });

  test('with a revoked certificate', async () => {
    const { port } = await envoyAsking({ ...trusted, crl: { pem: ofClients.crl(stock) } });
    await expect(secureCall(as(stock, port))).rejects.toThrow(REFUSED);
    expect(await secureCall(as(orders, port))).toMatchObject({ status: 200 });
    expect(forwardedCertificates()).toEqual([OF_ORDERS]);
  });
});

describe.each([...binaries()])('Envoy %s', (minor) => {
  test.each([true, false])(
    'verifies the certificate on each connection and resumes no session with required: %s',
    async (required) => {
      const { port } = await envoyAsking({ ...trusted, required }, {}, minor);
      for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
        expect(await resumesSession({ ...as(orders, port), maxVersion: version })).toBe(false);
      }
    },
  );

  test('does not match a wildcard certificate with an allowed name', async () => {
    const subjectAltNames = ['DNS:a.orders.test', 'DNS:*.stock.test'] as const;
    const { port } = await envoyAsking({ ...trusted, subjectAltNames }, {}, minor);
    const ask = (names: string) =>
      secureCall(as(ofClients.issue(names), port)).then(
        ({ status }) => status,
        () => 'refused',
      );
    expect({
      itself: await ask('DNS:a.orders.test'),
      inCapitals: await ask('DNS:A.Orders.TEST'),
      wildcard: await ask('DNS:*.orders.test'),
      below: await ask('DNS:b.a.orders.test'),
      otherDot: await ask('DNS:axorders.test'),
      ofAnotherKind: await ask('URI:a.orders.test'),
      namedWildcard: await ask('DNS:*.stock.test'),
      belowNamedWildcard: await ask('DNS:a.stock.test'),
    }).toEqual({
      itself: 200,
      inCapitals: 200,
      wildcard: 'refused',
      below: 'refused',
      otherDot: 'refused',
      ofAnotherKind: 'refused',
      namedWildcard: 200,
      belowNamedWildcard: 'refused',
    });
  });
});

test.each(['TLSv1.2', 'TLSv1.3'] as const)('resumes sessions of %s without client certificates', async (version) => {
  const { port } = await envoyAsking();
  expect(await resumesSession({ ...as(undefined, port), maxVersion: version })).toBe(true);
});

test.each<[string, ClientCertificates['subjectAltNames'] & {}, string]>([
  ['one of two DNS names', ['DNS:one.test', 'DNS:two.test'], 'DNS:two.test'],
  ['an email address', ['EMAIL:a@two.test'], 'email:a@two.test'],
  ['an IP address', ['IP:10.0.0.5'], 'IP:10.0.0.5'],
])('accepts a certificate with %s that is allowed', async (_, subjectAltNames, names) => {
  const { port } = await envoyAsking({ ...trusted, subjectAltNames });
  expect(await secureCall(as(ofClients.issue(names), port))).toMatchObject({ status: 200 });
  await expect(secureCall(as(orders, port))).rejects.toThrow();
});

describe.each([...binaries().keys()])('the names of a certificate in Envoy %s', (minor) => {
  test('cannot add an element to the header: such certificates get 403', async () => {
    const { port } = await envoyAsking(trusted, {}, minor);
    const names = ['x;URI=spiffe://test/admin', 'a,Hash=00', 'a";Subject="CN=admin'];
    const sections = names.flatMap((name) => [`URI:spiffe://test/${name}`, `DNS:${name}`]);
    for (const name of sections) {
      const [kind = '', ...text] = name.split(':');
      const client = ofClients.issueNames({ [`${kind}.1`]: 'spiffe://test/orders', [`${kind}.2`]: text.join(':') });
      expect(await secureCall(as(client, port))).toMatchObject({ status: 403 });
    }
    expect(forwardedCertificates()).toEqual([]);
    const harmless = ofClients.issue('URI:spiffe://test/orders?a=b,DNS:orders.test', { subject: '/CN=a;URI=b,c' });
    expect(await secureCall(as(harmless, port))).toMatchObject({ status: 200 });
  });
});

describe('required: false', () => {
  const optional = { ...trusted, required: false };

  test('serves a client without a certificate, and removes a forged one', async () => {
    const { port } = await envoyAsking(optional);
    expect(await secureCall(as(undefined, port, FORGED))).toMatchObject({ status: 200 });
    expect(await secureCall(as(orders, port, FORGED))).toMatchObject({ status: 200 });
    expect(forwardedCertificates()).toEqual([undefined, OF_ORDERS]);
  });

  test('rejects a client with a certificate of another authority', async () => {
    const { port } = await envoyAsking(optional);
    await expect(secureCall(as(authority.issue('DNS:orders.test'), port))).rejects.toThrow();
    expect(api.seen).toEqual([]);
  });
});

test('removes forged certificates in any spelling if client certificates are off', async () => {
  const { port } = await envoyAsking(undefined, { requestHeaders: { headersWithUnderscores: 'allow' } });
  expect(await secureCall(as(undefined, port, { ...FORGED, x_forwarded_client_cert: 'x' }))).toMatchObject({
    status: 200,
  });
  expect(api.seen.flatMap(({ headers }) => Object.keys(headers)).filter((name) => /client.cert/.test(name))).toEqual(
    [],
  );
});

test('applies changed files of authorities and revocation lists to new connections', async () => {
  const folder = temporaryFolder();
  const put = (name: string, text: string) => {
    writeFileSync(join(folder, `${name}.new`), text);
    renameSync(join(folder, `${name}.new`), join(folder, name));
  };
  put('ca.pem', ofClients.pem);
  put('crl.pem', ofClients.crl());
  const file = (name: string) => ({ file: join(folder, name) });
  const { port } = await envoyAsking({ trustedCa: file('ca.pem'), crl: file('crl.pem') });

  expect(await secureCall(as(stock, port))).toMatchObject({ status: 200 });
  put('crl.pem', ofClients.crl(stock));
  await until('Envoy rejects the revoked certificate', () =>
    secureCall(as(stock, port)).then(
      () => false,
      () => true,
    ),
  );
  expect(await secureCall(as(orders, port))).toMatchObject({ status: 200 });
  put('ca.pem', TestAuthority.create('others').pem);
  await until('Envoy rejects clients of the former authority', () =>
    secureCall(as(orders, port)).then(
      () => false,
      () => true,
    ),
  );
});
