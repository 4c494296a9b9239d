import { assemble, proxySpec, type UpstreamTlsOptions } from '../../envoy';
import { upstreamTls } from '../../envoy/features/upstream-tls';
import { TestAuthority } from '../certificates';
import { upstreamOf } from '../helpers';

const PEM = TestAuthority.create().pem;
const SYSTEM = { filename: '/etc/ssl/certs/ca-certificates.crt' };

function tls(common: object, changes: object = {}) {
  return {
    cluster: {
      transport_socket: {
        name: 'envoy.transport_sockets.tls',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
          ...changes,
          common_tls_context: {
            tls_params: { tls_minimum_protocol_version: 'TLSv1_2', tls_maximum_protocol_version: 'TLSv1_3' },
            ...common,
          },
        },
      },
    },
  };
}

const named = (name = 'api', changes: object = { auto_host_sni: true }) => ({
  sni: name,
  auto_sni_san_validation: true,
  ...changes,
});
const trusting = (ca: object, more: object = {}) => ({ validation_context: { trusted_ca: ca, ...more } });
const forAddress = (address: string) => ({
  match_typed_subject_alt_names: [{ san_type: 'IP_ADDRESS', matcher: { exact: address } }],
});
const at = (host: string) => ['main', [{ host, port: 443, fallback: false }]] as const;
const certificate = { chain: '/tls/own.pem', key: '/tls/own.key' };

test('is not on by default', () => {
  expect(upstreamTls).not.toHaveProperty('onByDefault');
});

test("takes certificates of the public authorities for the API's name alone", () => {
  expect(upstreamTls.upstream({}, {}, ...at('api'))).toEqual(tls(trusting(SYSTEM), named()));
});

test.each(['10.0.0.5', '::1'])('for the host %s it takes those of that address, and sends no name', (host) => {
  expect(upstreamTls.upstream({}, {}, ...at(host))).toEqual(tls(trusting(SYSTEM, forAddress(host))));
});

test.each<[UpstreamTlsOptions, object, object]>([
  [{ trustedCa: { file: '/tls/ca.pem' } }, trusting({ filename: '/tls/ca.pem' }), named()],
  [{ trustedCa: { pem: PEM } }, trusting({ inline_string: PEM }), named()],
  [{ serverName: 'api.internal' }, trusting(SYSTEM), named('api.internal', {})],
  [{ serverName: '10.0.0.5' }, trusting(SYSTEM, forAddress('10.0.0.5')), {}],
  [
    { certificate },
    {
      tls_certificates: [
        { certificate_chain: { filename: '/tls/own.pem' }, private_key: { filename: '/tls/own.key' } },
      ],
      ...trusting(SYSTEM),
    },
    named(),
  ],
  [{ insecureSkipVerify: false }, trusting(SYSTEM), named()],
])('%j', (options, common, changes) => {
  expect(upstreamTls.upstream(options, {}, ...at('api'))).toEqual(tls(common, changes));
});

test('insecureSkipVerify looks at nothing, and still says whom it wants', () => {
  expect(upstreamTls.upstream({ insecureSkipVerify: true }, {}, ...at('api'))).toEqual(
    tls({}, { sni: 'api', auto_host_sni: true }),
  );
  expect(upstreamTls.upstream({ insecureSkipVerify: true }, {}, ...at('10.0.0.5'))).toEqual(tls({}));
});

test('insecureSkipVerify is told each time', () => {
  const upstream = { host: 'api', port: 8443, upstreamTls: { insecureSkipVerify: true } };
  expect(proxySpec({ upstream }).warnings).toEqual([
    'upstream.upstreamTls: static_resources.clusters[0].transport_socket.typed_config takes any certificate, so anybody on the way can read along; set common_tls_context.validation_context.trusted_ca',
  ]);
  expect(proxySpec({ upstream: { ...upstream, upstreamTls: {} } }).warnings).toEqual([]);
});

const REFERENCE = '${TfToken[TOKEN.0]}';

test('what only Terraform knows is a name, a path and a PEM like others', () => {
  const options = { trustedCa: { pem: REFERENCE }, certificate: { chain: REFERENCE, key: '/tls/own.key' } };
  expect(upstreamTls.upstream(options, {}, ...at(REFERENCE))).toEqual(
    tls(
      {
        tls_certificates: [{ certificate_chain: { filename: REFERENCE }, private_key: { filename: '/tls/own.key' } }],
        ...trusting({ inline_string: REFERENCE }),
      },
      named(REFERENCE),
    ),
  );
});

test("an upstream's own options lie over those of the proxy, and both know the host", () => {
  const ofAll = { trustedCa: { file: '/tls/ca.pem' } };
  const socketOf = (own: object) =>
    upstreamOf(assemble({ upstream: { host: 'api', port: 8443, ...own }, upstreamTls: ofAll }).bootstrap)
      .transport_socket;
  const expected = (changes: object) => tls(trusting({ filename: '/tls/ca.pem' }), changes).cluster.transport_socket;
  expect(socketOf({})).toEqual(expected(named()));
  expect(socketOf({ upstreamTls: { serverName: 'other' } })).toEqual(expected(named('other', {})));
  expect(socketOf({ upstreamTls: false })).toBeUndefined();
});

test('each upstream expects its own name', () => {
  const { bootstrap } = assemble({
    upstream: { host: 'api', port: 8443 },
    upstreams: { other: { host: 'other.internal', port: 8443 } },
    routes: [{ path: '/other', to: 'other' }],
    upstreamTls: {},
  });
  const sockets = bootstrap.static_resources?.clusters?.map((cluster) => cluster.transport_socket?.typed_config);
  expect(sockets).toMatchObject([{ sni: 'api' }, { sni: 'other.internal' }]);
});

const path = 'must be an absolute path inside the container';
const remedy = "write for example '/tls/ca.pem'";
test.each<[UpstreamTlsOptions, string]>([
  [{ trustedCa: { file: 'ca.pem' } }, `upstreamTls.trustedCa.file ${path}, got "6 characters"; ${remedy}`],
  [
    { trustedCa: { pem: '/tls/ca.pem' } },
    'upstreamTls.trustedCa.pem must hold certificates in PEM, and no key, got "11 characters"; paste the file of the certificates',
  ],
  [
    {
      trustedCa: {
        pem: '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\nsecret',
      },
    },
    'upstreamTls.trustedCa.pem must hold certificates in PEM, and no key, got "93 characters"; paste the file of the certificates',
  ],
  [
    { trustedCa: { file: '/a', pem: PEM } },
    'upstreamTls.trustedCa must be { file } or { pem }, got ["file","pem"]; choose one of them',
  ],
  [{ trustedCa: {} as never }, 'upstreamTls.trustedCa must be { file } or { pem }, got []; choose one of them'],
  [
    { certificate: { chain: '/tls/own.pem', key: '-----BEGIN PRIVATE KEY-----\nsecret' } },
    `upstreamTls.certificate.key ${path}, got "34 characters"; ${remedy}`,
  ],
  [
    { certificate: { chain: 'own.pem', key: '/tls/own.key' } },
    `upstreamTls.certificate.chain ${path}, got "7 characters"; ${remedy}`,
  ],
  [
    { serverName: '' },
    `upstreamTls.serverName must be a name, got ""; leave it out, or write for example 'api.example.com'`,
  ],
  [
    { insecureSkipVerify: true, trustedCa: { file: '/a' } },
    'upstreamTls.insecureSkipVerify must not be true together with trustedCa, which it leaves unused, got true; leave one of them out',
  ],
  [{ verify: false } as never, 'upstreamTls.verify is not an option, got false; remove it'],
])('refuses %j', (options, message) => {
  expect(() => upstreamTls.upstream(options, {}, ...at('api'))).toThrow(new Error(message));
});
