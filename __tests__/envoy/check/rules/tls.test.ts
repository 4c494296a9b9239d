import {
  pem,
  tlsAlpn,
  tlsAuthority,
  tlsCertificates,
  tlsClients,
  tlsVerification,
} from '../../../../envoy/check/rules/tls';
import { verdict } from './run-rule';

test('a server has a certificate, and its key', () => {
  expect(
    verdict(tlsCertificates, {
      'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext': [
        {},
        {
          common_tls_context: {
            tls_certificates: [
              {
                certificate_chain: {},
                private_key: {},
              },
            ],
          },
        },
        {
          common_tls_context: {
            tls_certificates: [
              {
                certificate_chain: {},
              },
            ],
          },
        },
        {
          common_tls_context: {
            tls_certificates: [
              {
                private_key: {},
              },
              {
                certificate_chain: {
                  inline_string: '',
                },
                private_key: {},
              },
            ],
          },
        },
        {
          common_tls_context: {
            tls_certificates: [{}],
            tls_certificate_sds_secret_configs: [{}],
          },
        },
        {
          common_tls_context: {
            tls_certificate_sds_secret_configs: [{}],
          },
        },
      ],
    }),
  ).toEqual([
    'error tls-certificate at DownstreamTlsContext[0]: has no certificate to serve; add one to common_tls_context.tls_certificates, with its private key',
    'error tls-certificate at DownstreamTlsContext[2].common_tls_context.tls_certificates[0]: has no private_key; add it',
    'error tls-certificate at DownstreamTlsContext[3].common_tls_context.tls_certificates[0]: has no certificate_chain; add it',
    'error tls-certificate at DownstreamTlsContext[3].common_tls_context.tls_certificates[1]: has no certificate_chain; add it',
    'error tls-certificate at DownstreamTlsContext[4].common_tls_context: has both tls_certificates and tls_certificate_sds_secret_configs; keep one of the two',
  ]);
});

test('a client has one certificate at the most', () => {
  expect(
    verdict(tlsCertificates, {
      'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext': [
        {},
        {
          common_tls_context: {
            tls_certificates: [
              {
                certificate_chain: {},
                private_key: {},
              },
              {
                certificate_chain: {},
                private_key: {},
              },
            ],
          },
        },
      ],
    }),
  ).toEqual([
    'error tls-certificate at UpstreamTlsContext[1].common_tls_context.tls_certificates[1]: is a second certificate, and a client has one; remove it',
  ]);
});

test('a client has one certificate, however it gets it', () => {
  const own = { certificate_chain: {}, private_key: {} };
  const context = (common: object) => ({ common_tls_context: common });
  expect(
    verdict(tlsCertificates, {
      'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext': [
        context({ tls_certificate_sds_secret_configs: [{ name: 'a' }] }),
        context({ tls_certificate_sds_secret_configs: [{ name: 'a' }, { name: 'b' }] }),
        context({ tls_certificates: [own], tls_certificate_sds_secret_configs: [{ name: 'a' }] }),
      ],
    }),
  ).toEqual(
    [1, 2].map(
      (index) =>
        `error tls-certificate at UpstreamTlsContext[${index}].common_tls_context.tls_certificate_sds_secret_configs[${2 - index}]: is a second certificate, and a client has one; remove it`,
    ),
  );
});

test('certificates and keys are PEM, and never shown', () => {
  expect(
    verdict(pem, {
      'envoy.extensions.transport_sockets.tls.v3.TlsCertificate': [
        {
          certificate_chain: {
            inline_string: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
          },
          private_key: {
            inline_string: '-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n',
          },
        },
        {
          certificate_chain: {
            inline_string: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
          },
          private_key: {
            inline_string: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
          },
        },
        {
          certificate_chain: {
            inline_string: '  -----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
          },
          private_key: {
            filename: '/x',
          },
        },
        {
          certificate_chain: {
            inline_string: '${TfToken[TOKEN.1]}',
          },
        },
      ],
      'envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext': [
        {
          trusted_ca: {
            inline_string: 'x',
          },
        },
      ],
    }),
  ).toEqual([
    'error pem at TlsCertificate[1].certificate_chain.inline_string: has no line -----BEGIN CERTIFICATE----- with its END, both at the start of a line; paste the whole PEM file, or name it by filename',
    'error pem at TlsCertificate[1].private_key.inline_string: has no line -----BEGIN PRIVATE KEY----- with its END, both at the start of a line; paste the whole PEM file, or name it by filename',
    'error pem at TlsCertificate[2].certificate_chain.inline_string: has no line -----BEGIN CERTIFICATE----- with its END, both at the start of a line; paste the whole PEM file, or name it by filename',
    'error pem at CertificateValidationContext[0].trusted_ca.inline_string: has no line -----BEGIN CERTIFICATE----- with its END, both at the start of a line; paste the whole PEM file, or name it by filename',
  ]);
});

test('names are compared only in certificates of a known authority, also where a secret says them', () => {
  const named = { validation_context_sds_secret_config: { name: 'names' } };
  const both = (of: object) => ({ common_tls_context: { combined_validation_context: { ...named, ...of } } });
  const anybodys = [
    { common_tls_context: named },
    { common_tls_context: { validation_context: { match_subject_alt_names: [{}] } } },
    both({ default_validation_context: {} }),
  ];
  const known = [
    both({ default_validation_context: { trusted_ca: {} } }),
    { common_tls_context: { validation_context_sds_secret_config: { name: 'names', sds_config: {} } } },
    { common_tls_context: { validation_context_sds_secret_config: { name: 'authority' } } },
  ];
  expect(
    verdict(tlsVerification, {
      'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext': [...anybodys, ...known],
      'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext': [...anybodys, ...known],
      'envoy.extensions.transport_sockets.tls.v3.Secret': [
        { name: 'names', validation_context: { match_typed_subject_alt_names: [{}] } },
        { name: 'authority', validation_context: { match_typed_subject_alt_names: [{}], trusted_ca: {} } },
      ],
    }),
  ).toEqual(
    ['UpstreamTlsContext', 'DownstreamTlsContext'].flatMap((type) =>
      [0, 1, 2].map(
        (index) =>
          `error tls-verification at ${type}[${index}]: compares names of certificates that anybody can make; add trusted_ca to the validation_context`,
      ),
    ),
  );
});

test('a client looks at the certificate of the server', () => {
  expect(
    verdict(tlsVerification, {
      'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext': [
        {},
        {
          common_tls_context: {
            validation_context: {
              trusted_ca: {},
            },
          },
        },
        {
          common_tls_context: {
            validation_context: {
              match_typed_subject_alt_names: [{}],
            },
          },
        },
        {
          common_tls_context: {
            combined_validation_context: {
              default_validation_context: {
                system_root_certs: {},
              },
            },
          },
        },
        {
          common_tls_context: {
            validation_context: {
              verify_certificate_hash: ['x'],
            },
          },
        },
        {
          auto_sni_san_validation: true,
          common_tls_context: {
            validation_context: {
              verify_certificate_hash: ['x'],
              system_root_certs: {},
            },
          },
        },
        {
          common_tls_context: {
            validation_context_sds_secret_config: { sds_config: {} },
          },
        },
      ],
    }),
  ).toEqual([
    'warning tls-verification at UpstreamTlsContext[0]: takes any certificate, so anybody on the way can read along; set common_tls_context.validation_context.trusted_ca',
    'error tls-verification at UpstreamTlsContext[2]: compares names of certificates that anybody can make; add trusted_ca to the validation_context',
    'warning tls-verification at UpstreamTlsContext[3]: takes any certificate, so anybody on the way can read along; set common_tls_context.validation_context.trusted_ca',
    'error tls-verification at UpstreamTlsContext[5]: compares names of certificates that anybody can make; add trusted_ca to the validation_context',
  ]);
});

test('a server that asks for certificates looks at them', () => {
  expect(
    verdict(tlsClients, {
      'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext': [
        {
          require_client_certificate: true,
        },
        {
          require_client_certificate: true,
          common_tls_context: {
            validation_context: {},
          },
        },
        {},
      ],
    }),
  ).toEqual([
    'warning tls-verification at DownstreamTlsContext[0].require_client_certificate: asks for a certificate and takes any; set common_tls_context.validation_context.trusted_ca',
  ]);
});

test('revocation and expiry need an authority', () => {
  expect(
    verdict(tlsAuthority, {
      'envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext': [
        {
          crl: {},
        },
        {
          allow_expired_certificate: true,
        },
        {
          crl: {},
          trusted_ca: {
            filename: '/x',
          },
        },
        {
          trusted_ca: {
            inline_string: '',
          },
        },
        {},
      ],
    }),
  ).toEqual([
    'error tls-authority at CertificateValidationContext[0].crl: says nothing without an authority; set trusted_ca',
    'error tls-authority at CertificateValidationContext[1].allow_expired_certificate: says nothing without an authority; set trusted_ca',
    'error tls-authority at CertificateValidationContext[3].trusted_ca: is empty; write the PEM of the authority',
  ]);
});

test('names of protocols fit into what TLS sends', () => {
  const common = (...alpn_protocols: string[]) => ({ alpn_protocols });
  const long = 'must be names of 255 bytes at the most, and of less than 65535 together; shorten them';
  const empty = 'has an empty name, which makes Envoy crash; remove it';
  expect(
    verdict(tlsAlpn, {
      'envoy.extensions.transport_sockets.tls.v3.CommonTlsContext': [
        common('x'.repeat(256)),
        common('é'.repeat(128)),
        common(...Array.from({ length: 260 }, () => 'x'.repeat(255))),
        common('x'.repeat(255), 'h2'),
        common('', 'h2'),
        common(`${'x'.repeat(200)},${'y'.repeat(200)}`),
        {},
      ],
      'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext': [
        { common_tls_context: common('h2', '') },
        { common_tls_context: common('h2,') },
        { common_tls_context: common('') },
        {},
      ],
    }),
  ).toEqual([
    ...[0, 1, 2].map((place) => `error tls-alpn at CommonTlsContext[${place}].alpn_protocols: ${long}`),
    ...[0, 1].map(
      (place) => `error tls-alpn at UpstreamTlsContext[${place}].common_tls_context.alpn_protocols: ${empty}`,
    ),
  ]);
});

test('the certificate of a secret is whole where it is used', () => {
  const secrets = ['used', 'unused', 'remote'].map((name) => ({
    name,
    tls_certificate: { private_key: { filename: '/key' } },
  }));
  const users = [{ name: 'used' }, { name: 'remote', sds_config: {} }];
  expect(
    verdict(tlsCertificates, {
      'envoy.extensions.transport_sockets.tls.v3.Secret': secrets,
      'envoy.extensions.transport_sockets.tls.v3.CommonTlsContext': [{ tls_certificate_sds_secret_configs: users }],
    }),
  ).toEqual(['error tls-certificate at Secret[0].tls_certificate: has no certificate_chain; add it']);
});
