/** What Envoy speaks to a server: of its own, as a client, 1.2 alone. */
export const CLIENT_TLS = {
  tls_minimum_protocol_version: 'TLSv1_2',
  tls_maximum_protocol_version: 'TLSv1_3',
} as const;
