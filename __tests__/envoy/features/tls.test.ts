import { X509Certificate } from 'node:crypto';
import { assemble, type Certificate, type TlsOptions } from '../../../envoy';
import { tls } from '../../../envoy/features/tls';
import { TestAuthority } from '../../certificates';

const authority = TestAuthority.create();
const own = authority.issue('DNS:a.test,IP:10.0.0.5');
const PEM = { certificateChain: own.cert, privateKey: own.key };
const REFERENCE = { certificateChain: '${TfToken[TOKEN.1]}', privateKey: '${TfToken[TOKEN.2]}' };
const FILES = { certificateChainFile: '/tls/chain.pem', privateKeyFile: '/tls/key.pem' };
const TYPES = 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3';

const contextOf = (options: Partial<TlsOptions>) =>
  tls.proxy({ certificates: [PEM], ...options }).filterChain?.transport_socket?.typed_config as unknown;
const commonOf = (options: Partial<TlsOptions>) =>
  (contextOf(options) as { common_tls_context: object }).common_tls_context;
const managerOf = (options: Partial<TlsOptions>) => tls.proxy({ certificates: [PEM], ...options }).connectionManager;

test('is not on by default', () => {
  expect(tls).not.toHaveProperty('onByDefault');
});

const INTERMEDIATE = {
  tls_minimum_protocol_version: 'TLSv1_2',
  tls_maximum_protocol_version: 'TLSv1_3',
  ecdh_curves: ['X25519', 'P-256', 'P-384'],
  cipher_suites: [
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ],
};

test('by default it is intermediate, with HTTP/2, no client certificates, HSTS and no redirect', () => {
  const { listeners, clusters, ports, ...fragment } = tls.proxy({ certificates: [REFERENCE] });
  expect({ listeners, clusters, ports }).toEqual({});
  expect(fragment).toEqual({
    httpFilters: [
      {
        name: 'hsts',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation',
          mutations: {
            response_mutations: [
              {
                append: {
                  header: { key: 'strict-transport-security', value: 'max-age=31536000' },
                  append_action: 'ADD_IF_ABSENT',
                },
              },
            ],
          },
        },
      },
    ],
    identityHeaders: ['x-forwarded-client-cert'],
    connectionManager: {
      forward_client_cert_details: 'SANITIZE',
    },
    filterChain: {
      transport_socket: {
        name: 'envoy.transport_sockets.tls',
        typed_config: {
          '@type': `${TYPES}.DownstreamTlsContext`,
          common_tls_context: {
            tls_params: INTERMEDIATE,
            alpn_protocols: ['h2', 'http/1.1'],
            tls_certificate_sds_secret_configs: [{ name: 'tls_0' }],
          },
          prefer_client_ciphers: true,
        },
      },
    },
    bootstrap: {
      static_resources: {
        secrets: [
          {
            name: 'tls_0',
            tls_certificate: {
              certificate_chain: { filename: '/etc/envoy/tls-0.pem' },
              private_key: { filename: '/etc/envoy/tls-0.key' },
            },
          },
        ],
      },
    },
    files: [
      { path: '/etc/envoy/tls-0.pem', content: REFERENCE.certificateChain },
      { path: '/etc/envoy/tls-0.key', content: REFERENCE.privateKey, sensitive: true },
    ],
  });
});

test('modern is TLS 1.3 alone', () => {
  expect(commonOf({ profile: 'modern' })).toMatchObject({
    tls_params: {
      tls_minimum_protocol_version: 'TLSv1_3',
      tls_maximum_protocol_version: 'TLSv1_3',
      ecdh_curves: ['X25519', 'P-256', 'P-384'],
    },
  });
});

test('files are read again by a secret of their own, and Envoy looks at them before it starts', () => {
  const { files, clusters, filterChain } = tls.proxy({ certificates: [PEM, FILES] });
  const certificate = {
    certificate_chain: { filename: '/tls/chain.pem' },
    private_key: { filename: '/tls/key.pem' },
  };
  expect(filterChain?.transport_socket?.typed_config).toMatchObject({
    common_tls_context: {
      tls_certificate_sds_secret_configs: [
        { name: 'tls_0' },
        {
          name: 'tls_1',
          sds_config: { path_config_source: { path: '/etc/envoy/tls-1.yaml' }, resource_api_version: 'V3' },
        },
      ],
    },
  });
  expect(files?.slice(2)).toEqual([
    {
      path: '/etc/envoy/tls-1.yaml',
      content: { resources: [{ '@type': `${TYPES}.Secret`, name: 'tls_1', tls_certificate: certificate }] },
    },
  ]);
  expect(clusters).toEqual([
    {
      name: 'tls_files',
      type: 'STATIC',
      transport_socket_matches: [
        {
          name: 'tls_files_0',
          match: {},
          transport_socket: {
            name: 'envoy.transport_sockets.tls',
            typed_config: {
              '@type': `${TYPES}.UpstreamTlsContext`,
              common_tls_context: {
                tls_certificates: [certificate],
                validation_context: { verify_certificate_hash: ['0'.repeat(64)] },
              },
            },
          },
        },
      ],
    },
  ]);
});

const CA = { pem: authority.pem };

test('client certificates are required, and handed on', () => {
  expect(contextOf({ clientCertificates: { trustedCa: CA } })).toMatchObject({
    require_client_certificate: true,
    common_tls_context: { validation_context: { trusted_ca: { inline_string: authority.pem } } },
  });
  expect(managerOf({ clientCertificates: { trustedCa: CA } })).toMatchObject({
    forward_client_cert_details: 'SANITIZE_SET',
    set_current_client_cert_details: { subject: true, uri: true, dns: true },
  });
  expect(contextOf({ clientCertificates: { trustedCa: CA, required: false } })).toMatchObject({
    require_client_certificate: false,
  });
});

test('each kind of name, and a list of what was revoked', () => {
  const crl = authority.crl();
  const subjectAltNames = ['URI:spiffe://a/b', 'DNS:a.test', 'EMAIL:a@a.test', 'IP:10.0.0.5'] as const;
  expect(commonOf({ clientCertificates: { trustedCa: CA, subjectAltNames, crl: { pem: crl } } })).toMatchObject({
    validation_context: {
      crl: { inline_string: crl },
      match_typed_subject_alt_names: [
        { san_type: 'URI', matcher: { exact: 'spiffe://a/b' } },
        { san_type: 'DNS', matcher: { safe_regex: { regex: '(?i)\\Qa.test\\E' } } },
        { san_type: 'EMAIL', matcher: { exact: 'a@a.test' } },
        { san_type: 'IP_ADDRESS', matcher: { exact: '10.0.0.5' } },
      ],
    },
  });
});

test.each<[TlsOptions['clientCertificates'] & {}, object]>([
  [{ trustedCa: { file: '/tls/ca.pem' } }, { trusted_ca: { filename: '/tls/ca.pem' } }],
  [
    { trustedCa: CA, crl: { file: '/tls/crl.pem' } },
    { trusted_ca: { inline_string: authority.pem }, crl: { filename: '/tls/crl.pem' } },
  ],
])('of clients, what is in files is read again', (clientCertificates, context) => {
  const { files } = tls.proxy({ certificates: [REFERENCE], clientCertificates });
  expect(files?.slice(2)).toEqual([
    {
      path: '/etc/envoy/tls-clients.yaml',
      content: { resources: [{ '@type': `${TYPES}.Secret`, name: 'tls_clients', validation_context: context }] },
    },
  ]);
  expect(commonOf({ clientCertificates })).toMatchObject({
    validation_context_sds_secret_config: {
      name: 'tls_clients',
      sds_config: { path_config_source: { path: '/etc/envoy/tls-clients.yaml' }, resource_api_version: 'V3' },
    },
  });
});

test('a key stands in its file alone', () => {
  const { bootstrap, files } = assemble({ upstream: { host: 'api', port: 80 }, tls: { certificates: [PEM] } });
  expect(JSON.stringify(bootstrap)).not.toContain('PRIVATE KEY');
  expect(files.filter(({ content }) => JSON.stringify(content).includes('PRIVATE KEY'))).toEqual([
    { path: '/etc/envoy/tls-0.key', content: own.key, sensitive: true },
  ]);
});

test('the redirect has a port of its own', () => {
  expect(tls.proxy({ certificates: [PEM], httpsRedirect: {} }).ports).toEqual([{ name: 'redirect', port: 8880 }]);
  expect(tls.proxy({ certificates: [PEM], httpsRedirect: { port: 9000 } }).ports).toEqual([
    { name: 'redirect', port: 9000 },
  ]);
});

const intermediate = authority.intermediate();
const below = intermediate.issue('DNS:below.test');

test.each<[string, Certificate]>([
  [
    'with those that it was issued by',
    { certificateChain: below.cert + intermediate.pem + authority.pem, privateKey: below.key },
  ],
  ['of RSA', pem(authority.issue('DNS:a.test', { key: ['rsa:2048'] }))],
  ['of P-384', pem(authority.issue('DNS:a.test', { key: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384'] }))],
  ['of Ed25519', pem(authority.issue('DNS:a.test', { key: ['ed25519'] }))],
  ['for servers and clients', pem(authority.issue('DNS:a.test', { purposes: 'clientAuth,serverAuth' }))],
  ['for any purpose', pem(authority.issue('DNS:a.test', { purposes: 'anyExtendedKeyUsage' }))],
  [
    'with line ends of Windows',
    { certificateChain: own.cert.replaceAll('\n', '\r\n'), privateKey: own.key.replaceAll('\n', '\r\n') },
  ],
  ['whose chain only Terraform knows', { certificateChain: REFERENCE.certificateChain, privateKey: own.key }],
  ['whose key only Terraform knows', { certificateChain: own.cert, privateKey: REFERENCE.privateKey }],
])('takes a certificate %s', (_, certificate) => {
  expect(() => tls.proxy({ certificates: [certificate] })).not.toThrow();
});

const rsa = (names: string) => pem(authority.issue(names, { key: ['rsa:2048'] }));
const ec = (names: string) => pem(authority.issue(names));
const p384 = (names: string) => pem(authority.issue(names, { key: ['ec', '-pkeyopt', 'ec_paramgen_curve:P-384'] }));
const ed25519 = (names: string) => pem(authority.issue(names, { key: ['ed25519'] }));

test.each<[string, readonly [Certificate, ...Certificate[]]]>([
  ['RSA and ECDSA for one name', [rsa('DNS:a.test'), ec('DNS:a.test')]],
  ['Ed25519 and ECDSA for one name', [ed25519('DNS:a.test'), ec('DNS:a.test')]],
  ['a name in common, and another', [ec('DNS:a.test,DNS:b.test'), ec('DNS:b.test,DNS:c.test')]],
  ['a name below one with *', [rsa('DNS:*.test'), ed25519('DNS:a.test')]],
  ['an address first', [ec('IP:10.0.0.5'), ec('DNS:a.test')]],
  ['an address with a key of its own kind', [ec('DNS:a.test'), rsa('IP:10.0.0.5')]],
  ['what only Terraform or the folder knows', [REFERENCE, FILES, ec('DNS:a.test'), REFERENCE, FILES]],
])('takes certificates with %s', (_, certificates) => {
  expect(() => tls.proxy({ certificates })).not.toThrow();
});

function pem({ cert, key }: { cert: string; key: string }) {
  return { certificateChain: cert, privateKey: key };
}

const at = 'tls.certificates[0]';
const never = 'is never shown, since';
const kinds =
  'must be of a kind that Envoy serves: RSA of 2048 bits or more, ECDSA with P-256, P-384 or P-521, or Ed25519';
const other = authority.issue('DNS:other.test');
const old = authority.issue('DNS:old.test', { days: -1 });
const certificate = (changes: object): Partial<TlsOptions> => ({ certificates: [{ ...PEM, ...changes }] });
const clients = (changes: object): Partial<TlsOptions> => ({ clientCertificates: { trustedCa: CA, ...changes } });
const endOf = (cert: string) => new X509Certificate(cert).validTo;

test.each<[string, Partial<TlsOptions>, string]>([
  [
    'no certificate',
    { certificates: [] as never },
    'tls.certificates must hold a certificate, got []; add { certificateChain, privateKey } or { certificateChainFile, privateKeyFile }',
  ],
  [
    'nothing said of certificates',
    { certificates: undefined as never },
    'tls.certificates must hold a certificate, got undefined; add { certificateChain, privateKey } or { certificateChainFile, privateKeyFile }',
  ],
  [
    'a chain that is none',
    certificate({ certificateChain: 'nonsense' }),
    `${at}.certificateChain must hold certificates in PEM, and no key, got "8 characters"; paste the file of the certificates`,
  ],
  [
    'a key in the chain',
    certificate({ certificateChain: own.cert + own.key }),
    `${at}.certificateChain must hold certificates in PEM, and no key, got "${(own.cert + own.key).length} characters"; paste the file of the certificates`,
  ],
  [
    'a broken certificate',
    certificate({ certificateChain: `${own.cert}-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n` }),
    `${at}.certificateChain must be whole, and certificate 2 of 2 can't be read, got "${own.cert.length + 59} characters"; copy the file anew`,
  ],
  [
    'a key that is none',
    certificate({ privateKey: 'secret' }),
    `${at}.privateKey must be a private key in PEM, without a passphrase, got "6 characters"; begin with -----BEGIN PRIVATE KEY-----, or name its file by privateKeyFile`,
  ],
  [
    'a key of another certificate',
    certificate({ privateKey: other.key }),
    `${at}.privateKey does not belong to the first certificate of the chain, got "DNS:a.test, IP Address:10.0.0.5"; take the key that it was issued for, and put the certificate itself first`,
  ],
  [
    'a small key',
    certificate(pem(authority.issue('DNS:a.test', { key: ['rsa:1024'] }))),
    `${at}.privateKey ${kinds}, got "rsa 1024"; make another key, and have its certificate issued`,
  ],
  [
    'a key of another kind',
    certificate(pem(authority.issue('DNS:a.test', { key: ['ec', '-pkeyopt', 'ec_paramgen_curve:secp256k1'] }))),
    `${at}.privateKey ${kinds}, got "ec secp256k1"; make another key, and have its certificate issued`,
  ],
  [
    'a certificate that is over',
    certificate(pem(old)),
    `${at}.certificateChain holds DNS:old.test, which is over, got "${endOf(old.cert)}"; have it issued anew`,
  ],
  [
    'a certificate for clients alone',
    certificate(pem(authority.issue('DNS:a.test', { purposes: 'clientAuth' }))),
    `${at}.certificateChain must be for a server, and its extended key usages are others, got "DNS:a.test"; have it issued with serverAuth`,
  ],
  [
    'a chain out of order',
    certificate({ certificateChain: below.cert + authority.pem + intermediate.pem, privateKey: below.key }),
    `${at}.certificateChain must be in order, and certificate 2 did not issue certificate 1, got "CN=ca"; put the certificate itself first, and behind each the one that issued it`,
  ],
  [
    'a certificate both ways',
    certificate({ certificateChainFile: '/tls/chain.pem' }),
    `${at}.certificateChainFile is not an option, got "string"; remove it`,
  ],
  [
    'a certificate without its key',
    { certificates: [{ certificateChain: own.cert } as never] },
    `${at} must be { certificateChain, privateKey } or { certificateChainFile, privateKeyFile }, all of them texts, got ["certificateChain"]; give it both of one of the two`,
  ],
  [
    'a key alone, which is not told',
    { certificates: [own.key as never] },
    `${at} must be { certificateChain, privateKey } or { certificateChainFile, privateKeyFile }, all of them texts, got "string"; give it both of one of the two`,
  ],
  [
    'a certificate that is in no list, whose key is not told',
    { certificates: PEM as never },
    'tls.certificates must hold a certificate, got ["certificateChain","privateKey"]; add { certificateChain, privateKey } or { certificateChainFile, privateKeyFile }',
  ],
  [
    'a certificate in another place, whose key is not told',
    { certificate: PEM } as never,
    'tls.certificate is not an option, got ["certificateChain","privateKey"]; remove it',
  ],
  [
    'a relative file',
    { certificates: [{ ...FILES, privateKeyFile: 'key.pem' }] },
    `${at}.privateKeyFile must be an absolute path inside the container, got "7 characters"; write for example '/tls/ca.pem'`,
  ],
  [
    'another preset',
    { profile: 'old' as never },
    "tls.profile must be one of 'intermediate', 'modern', got \"old\"; choose one of these",
  ],
  [
    'a host of no certificate',
    { certificates: [PEM, pem(other)], verifyNames: ['a.test', '10.0.0.5', 'other.test', 'c.test'] },
    'tls.verifyNames[3] must be a name of one of the certificates, got "c.test"; they are made out to DNS:a.test, IP Address:10.0.0.5; DNS:other.test',
  ],
  [
    'a second certificate for the same names',
    { certificates: [rsa('DNS:a.test'), ec('DNS:a.test'), p384('DNS:a.test')] },
    `tls.certificates[2] ${never} earlier ones with keys of the same kind have all its names, got "DNS:a.test"; leave it out, or have it issued for a key of another kind: ECDSA beside RSA`,
  ],
  [
    'one whose names are those of several',
    { certificates: [ec('DNS:a.test,DNS:b.test'), FILES, ec('DNS:c.test'), ec('DNS:c.test,DNS:a.test,IP:10.0.0.5')] },
    `tls.certificates[3] ${never} earlier ones with keys of the same kind have all its names, got "DNS:c.test, DNS:a.test, IP Address:10.0.0.5"; leave it out, or have it issued for a key of another kind: ECDSA beside RSA`,
  ],
  [
    'an address that is not first',
    { certificates: [ec('DNS:a.test'), ec('IP:10.0.0.5')] },
    `tls.certificates[1] ${never} it has no name of a host, and an earlier one has a key of the same kind, got "IP Address:10.0.0.5"; put it first: clients that come by an address ask for no name`,
  ],
  [
    'RSA and Ed25519 for one name',
    { certificates: [ed25519('DNS:a.test'), ec('DNS:a.test'), rsa('DNS:b.test,DNS:a.test')] },
    'tls.certificates[2] has a name of an earlier one, and between RSA and Ed25519 Envoy leaves it to chance, got "a.test"; take ECDSA instead of Ed25519',
  ],
  [
    'an authority that is a key',
    clients({ trustedCa: { pem: own.key } }),
    `tls.clientCertificates.trustedCa.pem must hold certificates in PEM, and no key, got "${own.key.length} characters"; paste the file of the certificates`,
  ],
  [
    'an authority both ways',
    clients({ trustedCa: { pem: authority.pem, file: '/tls/ca.pem' } }),
    'tls.clientCertificates.trustedCa must be { file } or { pem }, got ["pem","file"]; choose one of them',
  ],
  [
    'no name of clients',
    clients({ subjectAltNames: [] }),
    'tls.clientCertificates.subjectAltNames must hold a name, got []; leave it out to take any name',
  ],
  [
    'a name without its kind',
    clients({ subjectAltNames: ['orders'] }),
    'tls.clientCertificates.subjectAltNames[0] must be a name behind its kind (URI, DNS, EMAIL, IP), got "orders"; write for example \'DNS:client.example.com\'',
  ],
  [
    'a list that is none',
    clients({ crl: { pem: authority.pem } }),
    `tls.clientCertificates.crl.pem must be a list of revoked certificates in PEM, got "${authority.pem.length} characters"; begin with -----BEGIN X509 CRL-----`,
  ],
  [
    'a port that is none',
    { httpsRedirect: { port: 0 } },
    'tls.httpsRedirect.port must be a whole number from 1 to 65535, got 0; write it as a literal number in that range',
  ],
  [
    'an https port that is none',
    { httpsRedirect: { httpsPort: 0 } },
    'tls.httpsRedirect.httpsPort must be a whole number from 1 to 65535, got 0; write it as a literal number in that range',
  ],
  ['an option that is none', { cert: '' } as never, 'tls.cert is not an option, got "string"; remove it'],
  ['one of hsts', { hsts: { preload: true } as never }, 'tls.hsts.preload is not an option, got true; remove it'],
  ['one of clients', clients({ ca: 1 }), 'tls.clientCertificates.ca is not an option, got "number"; remove it'],
  ['one of redirect', { httpsRedirect: { to: 1 } as never }, 'tls.httpsRedirect.to is not an option, got 1; remove it'],
])('refuses %s', (_, options, message) => {
  expect(() => tls.proxy({ certificates: [PEM], ...options })).toThrow(new Error(message));
});

test('names are looked at only where all certificates are known', () => {
  expect(() => tls.proxy({ certificates: [PEM, FILES], verifyNames: ['c.test'] })).not.toThrow();
});

test('no message shows a key', () => {
  const keys = [own.key, other.key, `x${own.key}`];
  for (const one of keys) {
    for (const options of [
      certificate({ certificateChain: one }),
      certificate({ privateKey: one }),
      clients({ trustedCa: { pem: one } }),
    ]) {
      try {
        tls.proxy({ certificates: [PEM], ...options });
      } catch (error) {
        expect(String(error)).not.toContain(one.split('\n')[1]);
      }
    }
  }
});
