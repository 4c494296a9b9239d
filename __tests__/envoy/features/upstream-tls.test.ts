import { assemble, proxySpec, type UpstreamTlsOptions } from '../../../envoy';
import { upstreamTls } from '../../../envoy/features/upstream-tls';
import { TestAuthority } from '../../certificates';
import { upstreamOf } from '../../helpers';
import { TLS_AS_CLIENT } from './tls-as-client';

const authority = TestAuthority.create();
const PEM = authority.pem;
const own = authority.issue('DNS:sidecar.test');
const forServers = authority.issue('DNS:sidecar.test', { purposes: 'serverAuth' });
const other = authority.issue('DNS:other.test');
const TYPES = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3';
const SYSTEM = { filename: '/etc/ssl/certs/ca-certificates.crt' };

function tls(common: object, changes: object = {}, beside: object = {}) {
  return {
    clusters: [],
    files: [],
    ...beside,
    cluster: {
      transport_socket: {
        name: 'envoy.transport_sockets.tls',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
          ...changes,
          common_tls_context: {
            tls_params: TLS_AS_CLIENT,
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
const at = (host: string) => ({ name: 'main', servers: [{ host, port: 443, fallback: false }] });
const inFiles = { certificateChainFile: '/tls/own.pem', privateKeyFile: '/tls/own.key' };
const asText = { certificateChain: own.cert, privateKey: own.key };
const certificateIn = (chain: string, key: string) => ({
  certificate_chain: { filename: chain },
  private_key: { filename: key },
});

test('is not on by default', () => {
  expect(upstreamTls).not.toHaveProperty('onByDefault');
});

test("takes certificates of the public authorities for the API's name alone", () => {
  expect(upstreamTls.upstream({}, at('api'))).toEqual(tls(trusting(SYSTEM), named()));
});

test.each(['10.0.0.5', '::1'])('for the host %s it takes those of that address, and sends no name', (host) => {
  expect(upstreamTls.upstream({}, at(host))).toEqual(tls(trusting(SYSTEM, forAddress(host))));
});

test.each<[UpstreamTlsOptions, object, object]>([
  [{ trustedCa: { pem: PEM } }, trusting({ inline_string: PEM }), named()],
  [{ serverName: 'api.internal' }, trusting(SYSTEM), named('api.internal', {})],
  [{ serverName: '10.0.0.5' }, trusting(SYSTEM, forAddress('10.0.0.5')), {}],
  [{ insecureSkipVerify: false }, trusting(SYSTEM), named()],
])('%j', (options, common, changes) => {
  expect(upstreamTls.upstream(options, at('api'))).toEqual(tls(common, changes));
});

/** What is read again, of the upstream `main`. */
const sds = (kind: 'tls' | 'ca') => ({
  name: `upstream_${kind}_main`,
  sds_config: { path_config_source: { path: `/etc/envoy/upstream-${kind}-main.yaml` }, resource_api_version: 'V3' },
});
const secretFile = (kind: 'tls' | 'ca', secret: object) => ({
  path: `/etc/envoy/upstream-${kind}-main.yaml`,
  content: { resources: [{ '@type': `${TYPES}.Secret`, name: `upstream_${kind}_main`, ...secret }] },
});
const looksAt = (...contexts: readonly object[]) => [
  {
    name: 'upstream_tls_files_main',
    type: 'STATIC',
    transport_socket_matches: contexts.map((context, index) => ({
      name: `upstream_tls_files_main_${index}`,
      match: {},
      transport_socket: {
        name: 'envoy.transport_sockets.tls',
        typed_config: { '@type': `${TYPES}.UpstreamTlsContext`, common_tls_context: context },
      },
    })),
  },
];

test('a certificate as text is in files of ours, of which the key is a secret', () => {
  const certificate = certificateIn('/etc/envoy/upstream-tls-main.pem', '/etc/envoy/upstream-tls-main.key');
  const files = [
    { path: '/etc/envoy/upstream-tls-main.pem', content: own.cert },
    { path: '/etc/envoy/upstream-tls-main.key', content: own.key, sensitive: true },
  ];
  expect(upstreamTls.upstream({ certificate: asText }, at('api'))).toEqual(
    tls({ tls_certificates: [certificate], ...trusting(SYSTEM) }, named(), { files }),
  );
});

test('the authorities of the image are read again where their file is written out: it may be mounted', () => {
  const { files } = upstreamTls.upstream({ trustedCa: { file: SYSTEM.filename } }, at('api'));
  expect(files).toEqual([secretFile('ca', { validation_context: { trusted_ca: SYSTEM } })]);
});

test('certificate and authorities in files are read again, and Envoy looks at them before it starts', () => {
  const certificate = certificateIn('/tls/own.pem', '/tls/own.key');
  const context = { trusted_ca: { filename: '/tls/ca.pem' }, ...forAddress('10.0.0.5') };
  expect(upstreamTls.upstream({ certificate: inFiles, trustedCa: { file: '/tls/ca.pem' } }, at('10.0.0.5'))).toEqual(
    tls(
      { tls_certificate_sds_secret_configs: [sds('tls')], validation_context_sds_secret_config: sds('ca') },
      {},
      {
        clusters: looksAt(
          { tls_certificates: [certificate], validation_context: { verify_certificate_hash: ['0'.repeat(64)] } },
          { validation_context: context },
        ),
        files: [secretFile('tls', { tls_certificate: certificate }), secretFile('ca', { validation_context: context })],
      },
    ),
  );
});

test('a key stands in its file alone, for each upstream in one of its own', () => {
  const { bootstrap, files } = assemble({
    upstream: { host: 'api', port: 8443 },
    upstreams: { other: { host: 'api', port: 9443, upstreamTls: { serverName: 'other' } } },
    routes: [{ path: '/other', upstream: 'other' }],
    upstreamTls: { certificate: asText },
  });
  expect(JSON.stringify(bootstrap)).not.toContain('PRIVATE KEY');
  expect(files.filter(({ content }) => JSON.stringify(content).includes('PRIVATE KEY'))).toEqual([
    { path: '/etc/envoy/upstream-tls-api.key', content: own.key, sensitive: true },
    { path: '/etc/envoy/upstream-tls-other.key', content: own.key, sensitive: true },
  ]);
});

test('insecureSkipVerify looks at nothing, and still says whom it wants', () => {
  expect(upstreamTls.upstream({ insecureSkipVerify: true }, at('api'))).toEqual(
    tls({}, { sni: 'api', auto_host_sni: true }),
  );
  expect(upstreamTls.upstream({ insecureSkipVerify: true }, at('10.0.0.5'))).toEqual(tls({}));
});

test('insecureSkipVerify is told each time', () => {
  const upstream = { host: 'api', port: 8443, upstreamTls: { insecureSkipVerify: true } };
  expect(proxySpec({ upstream }).warnings).toEqual([
    'upstream.upstreamTls: static_resources.clusters[0].transport_socket.typed_config takes any certificate, so anybody on the way can read along; set common_tls_context.validation_context.trusted_ca',
  ]);
  expect(proxySpec({ upstream: { ...upstream, upstreamTls: {} } }).warnings).toEqual([]);
});

const REFERENCE = '${TfToken[TOKEN.0]}';

test('what only Terraform knows is a name and a PEM like others', () => {
  const options = {
    trustedCa: { pem: REFERENCE },
    certificate: { certificateChain: REFERENCE, privateKey: REFERENCE },
  };
  const certificate = certificateIn('/etc/envoy/upstream-tls-main.pem', '/etc/envoy/upstream-tls-main.key');
  const files = [
    { path: '/etc/envoy/upstream-tls-main.pem', content: REFERENCE },
    { path: '/etc/envoy/upstream-tls-main.key', content: REFERENCE, sensitive: true },
  ];
  expect(upstreamTls.upstream(options, at(REFERENCE))).toEqual(
    tls({ tls_certificates: [certificate], ...trusting({ inline_string: REFERENCE }) }, named(REFERENCE), { files }),
  );
});

test("an upstream's own options lie over those of the proxy, and both know the host", () => {
  const ofAll = { trustedCa: { pem: PEM } };
  const socketOf = (own: object) =>
    upstreamOf(assemble({ upstream: { host: 'api', port: 8443, ...own }, upstreamTls: ofAll }).bootstrap)
      .transport_socket;
  const expected = (changes: object) => tls(trusting({ inline_string: PEM }), changes).cluster.transport_socket;
  expect(socketOf({})).toEqual(expected(named()));
  expect(socketOf({ upstreamTls: { serverName: 'other' } })).toEqual(expected(named('other', {})));
  expect(socketOf({ upstreamTls: false })).toBeUndefined();
});

test('each upstream expects its own name', () => {
  const { bootstrap } = assemble({
    upstream: { host: 'api', port: 8443 },
    upstreams: { other: { host: 'other.internal', port: 8443 } },
    routes: [{ path: '/other', upstream: 'other' }],
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
    { certificate: { ...inFiles, privateKeyFile: own.key } },
    `upstreamTls.certificate.privateKeyFile ${path}, got "${own.key.length} characters"; ${remedy}`,
  ],
  [
    { certificate: { ...inFiles, certificateChainFile: 'own.pem' } },
    `upstreamTls.certificate.certificateChainFile ${path}, got "7 characters"; ${remedy}`,
  ],
  [
    { certificate: { certificateChain: own.cert, privateKeyFile: '/tls/own.key' } as never },
    'upstreamTls.certificate must be { certificateChain, privateKey } or { certificateChainFile, privateKeyFile }, all of them texts, got ["certificateChain","privateKeyFile"]; give it both of one of the two',
  ],
  [
    { certificate: { ...inFiles, pem: own.key } as never },
    'upstreamTls.certificate.pem is not an option, got "string"; remove it',
  ],
  [
    { client: asText } as never,
    'upstreamTls.client is not an option, got ["certificateChain","privateKey"]; remove it',
  ],
  [
    { certificate: { certificateChain: forServers.cert, privateKey: forServers.key } },
    'upstreamTls.certificate.certificateChain must be for a client, and its extended key usages are others, got "DNS:sidecar.test"; have it issued with clientAuth',
  ],
  [
    { certificate: { certificateChain: own.cert, privateKey: other.key } },
    'upstreamTls.certificate.privateKey does not belong to the first certificate of the chain, got "DNS:sidecar.test"; take the key that it was issued for, and put the certificate itself first',
  ],
  [
    { serverName: '' },
    `upstreamTls.serverName must be a name, got ""; leave it out, or write for example 'api.example.com'`,
  ],
  [
    { insecureSkipVerify: true, trustedCa: { file: '/a' } },
    'upstreamTls.insecureSkipVerify must not be true together with trustedCa, which it leaves unused, got true; leave one of them out',
  ],
  [{ verify: false } as never, 'upstreamTls.verify is not an option, got "boolean"; remove it'],
])('refuses %j', (options, message) => {
  expect(() => upstreamTls.upstream(options, at('api'))).toThrow(new Error(message));
});
