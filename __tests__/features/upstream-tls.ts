import fc from 'fast-check';
import { example } from '../examples';

export default example('upstreamTls', {
  every: {
    trustedCa: { file: '/etc/ssl/certs/ca-certificates.crt' },
    serverName: 'api.internal',
    certificate: { chain: '/tls/sidecar.pem', key: '/tls/sidecar.key' },
    insecureSkipVerify: false,
  },
  drawn: {
    trustedCa: fc.constant({ file: '/etc/ssl/certs/ca-certificates.crt' }),
    serverName: fc.constantFrom('api.internal', '10.0.0.5', '::1'),
    // Envoy would look for its files.
    certificate: fc.constant(undefined as never),
    insecureSkipVerify: fc.boolean(),
  },
  // Envoy looks for the files of its own certificate, which aren't there when the goldens are shown to it.
  together: {
    trustedCa: { file: '/etc/ssl/certs/ca-certificates.crt' },
    serverName: 'api.internal',
    insecureSkipVerify: false,
  },
  goldens: {
    // TLS to an API at an address, by the public authorities.
    'upstream-tls': {
      upstream: { host: '10.0.0.5', port: 8443, upstreamTls: {} },
      discovery: { type: 'STATIC' },
    },
  },
});
