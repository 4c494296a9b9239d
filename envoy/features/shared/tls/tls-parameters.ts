import type { envoy } from '../../../messages/schema/types';

type Parameters = envoy.extensions.transport_sockets.tls.v3.TlsParameters;

const VERSIONS = { tls_minimum_protocol_version: 'TLSv1_2', tls_maximum_protocol_version: 'TLSv1_3' } as const;

/**
 * What Envoy speaks to a server. Of its own, as a client, 1.2 alone, X25519 and P-256, and no signature by P-521 or Ed25519. In
 * TLS 1.2 the curves are those of certificates as well, so that it would find no servers with P-384, and show no such
 * certificate of its own.
 */
export const CLIENT_TLS: Parameters = {
  ...VERSIONS,
  ecdh_curves: ['X25519', 'P-256', 'P-384', 'P-521'],
  signature_algorithms: [
    'ecdsa_secp256r1_sha256',
    'ed25519',
    'rsa_pss_rsae_sha256',
    'ecdsa_secp384r1_sha384',
    'rsa_pss_rsae_sha384',
    'ecdsa_secp521r1_sha512',
    'rsa_pss_rsae_sha512',
    'rsa_pkcs1_sha256',
    'rsa_pkcs1_sha384',
    'rsa_pkcs1_sha512',
  ],
};

/** X25519 first, as the fastest. */
const CURVES = { ecdh_curves: ['X25519', 'P-256', 'P-384'] };

/**
 * What Envoy speaks to clients, after Mozilla's guidance. The ciphers of TLS 1.3 are all well and can't be chosen.
 *
 * @see https://ssl-config.mozilla.org/guidelines/5.7.json
 */
export const SERVER_TLS: Readonly<Record<'intermediate' | 'modern', Parameters>> = {
  intermediate: {
    ...VERSIONS,
    ...CURVES,
    cipher_suites: [
      'ECDHE-ECDSA-AES128-GCM-SHA256',
      'ECDHE-RSA-AES128-GCM-SHA256',
      'ECDHE-ECDSA-AES256-GCM-SHA384',
      'ECDHE-RSA-AES256-GCM-SHA384',
      'ECDHE-ECDSA-CHACHA20-POLY1305',
      'ECDHE-RSA-CHACHA20-POLY1305',
    ],
  },
  modern: { ...CURVES, tls_minimum_protocol_version: 'TLSv1_3', tls_maximum_protocol_version: 'TLSv1_3' },
};
