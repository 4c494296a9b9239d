import fc from 'fast-check';
import type { Certificate } from '../../envoy';
import { duration } from '../arbitraries';
import { example, upstream } from '../examples';

// What only Terraform knows: a golden has no key, and needs no certificate that is over one day.
export const REFERENCE = { certificateChain: '${TfToken[TOKEN.1]}', privateKey: '${TfToken[TOKEN.2]}' };
export const FILES = { certificateChainFile: '/tls/fullchain.pem', privateKeyFile: '/tls/privkey.pem' };
export const CA = { file: '/tls/ca.pem' };

const certificates = fc.array(fc.constantFrom<Certificate>(REFERENCE, FILES), { minLength: 1, maxLength: 3 });

export default example('tls', {
  every: {
    certificates: [REFERENCE, FILES],
    profile: 'modern',
    verifyNames: ['api.example.com'],
    clientCertificates: {
      trustedCa: CA,
      required: false,
      subjectAltNames: ['DNS:orders.example.com', 'URI:spiffe://example.com/orders'],
      crl: { file: '/tls/crl.pem' },
    },
    httpsRedirect: { port: 8880, httpsPort: 8443 },
    hsts: { maxAge: '24h', includeSubdomains: true },
  },
  drawn: {
    certificates: certificates as fc.Arbitrary<[Certificate, ...Certificate[]]>,
    profile: fc.constantFrom('intermediate', 'modern'),
    verifyNames: fc.constantFrom([], ['api.example.com', '10.0.0.5']),
    clientCertificates: fc.record(
      {
        trustedCa: fc.constant(CA),
        require: fc.boolean(),
        subjectAltNames: fc.constantFrom(['EMAIL:a@example.com'], ['IP:10.0.0.5', 'DNS:*.example.com']),
        crl: fc.constant({ file: '/tls/crl.pem' }),
      },
      { requiredKeys: ['trustedCa'] },
    ),
    httpsRedirect: fc.record(
      { port: fc.integer({ min: 1, max: 65_535 }), httpsPort: fc.constantFrom(443, 8443) },
      { requiredKeys: [] },
    ),
    hsts: fc.oneof(
      fc.constant(false as const),
      fc.record({ maxAge: duration(0), includeSubdomains: fc.boolean() }, { requiredKeys: [] }),
    ),
  },
  goldens: {
    tls: { upstream, tls: { certificates: [REFERENCE] } },
    // Certificates that something else renews, those of clients, and the way there from plain HTTP.
    'mutual-tls': {
      upstream,
      tls: { certificates: [FILES], clientCertificates: { trustedCa: CA }, httpsRedirect: { httpsPort: 8443 } },
    },
  },
});
