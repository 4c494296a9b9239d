import { tlsAuthority, tlsClients, tlsVerification } from '../../../../envoy/check/rules/tls-verification';
import { runRule } from './run-rule';

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
    runRule(tlsVerification, {
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
    runRule(tlsVerification, {
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
    runRule(tlsClients, {
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
    runRule(tlsAuthority, {
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
