import { pem, tlsCertificates } from '../../../../envoy/check/rules/tls-certificates';
import { runRule } from './run-rule';

test('a server has a certificate, and its key', () => {
  expect(
    runRule(tlsCertificates, {
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
    runRule(tlsCertificates, {
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
    runRule(tlsCertificates, {
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
    runRule(pem, {
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

test('the certificate of a secret is whole where it is used', () => {
  const secrets = ['used', 'unused', 'remote'].map((name) => ({
    name,
    tls_certificate: { private_key: { filename: '/key' } },
  }));
  const users = [{ name: 'used' }, { name: 'remote', sds_config: {} }];
  expect(
    runRule(tlsCertificates, {
      'envoy.extensions.transport_sockets.tls.v3.Secret': secrets,
      'envoy.extensions.transport_sockets.tls.v3.CommonTlsContext': [{ tls_certificate_sds_secret_configs: users }],
    }),
  ).toEqual(['error tls-certificate at Secret[0].tls_certificate: has no certificate_chain; add it']);
});
