/** What Envoy speaks as a client, written out, for all tests of what it speaks it to. */
export const TLS_AS_CLIENT = {
  tls_minimum_protocol_version: 'TLSv1_2',
  tls_maximum_protocol_version: 'TLSv1_3',
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
