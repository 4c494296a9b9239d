import fc from 'fast-check';
import { example } from '../examples';
import { CA, FILES, REFERENCE } from './tls';

export default example('upstreamTls', {
  every: {
    trustedCa: CA,
    serverName: 'api.internal',
    certificate: FILES,
    insecureSkipVerify: false,
  },
  drawn: {
    trustedCa: fc.constantFrom(CA, { file: '/etc/ssl/certs/ca-certificates.crt' }),
    serverName: fc.constantFrom('api.internal', '10.0.0.5', '::1'),
    certificate: fc.constantFrom(REFERENCE, FILES),
    insecureSkipVerify: fc.boolean(),
  },
  goldens: {
    // TLS to an API at an address, by the public authorities.
    'upstream-tls': {
      upstream: { host: '10.0.0.5', port: 8443, upstreamTls: {} },
      discovery: { type: 'STATIC' },
    },
    // Certificates of one's own for two APIs: one that something else renews, and one that Terraform knows.
    'upstream-mutual-tls': {
      upstream: { host: 'api', port: 8443, upstreamTls: { trustedCa: CA, certificate: FILES } },
      upstreams: { other: { host: 'other', port: 8443, upstreamTls: { certificate: REFERENCE } } },
      routes: [{ path: '/other', upstream: 'other' }],
    },
  },
});
