import fc from 'fast-check';
import { rate } from '../arbitraries';
import { example, upstream } from '../examples';

export default example('identityRateLimit', {
  every: {
    perClaim: { claim: ['https://example.com/tenant', 'id'], rate: '100/min' },
    perApiClient: '5000/hour',
    perUser: '10/s',
    maxTrackedClients: 5_000,
    shadow: true,
  },
  drawn: {
    perClaim: fc.record({ claim: fc.constantFrom('sub', 'org.id', ['https://example.com/a'] as [string]), rate }),
    perApiClient: rate,
    perUser: rate,
    maxTrackedClients: fc.integer({ min: 1_000, max: 10_000_000 }),
    shadow: fc.boolean(),
  },
  goldens: {
    // A cheap limit before authentication, a fair one after it, one path with less and one that is public.
    identities: {
      upstream,
      rateLimit: { total: '1000/s', perClient: '600/min' },
      jwt: {
        providers: {
          main: {
            issuer: 'https://id.example.com/',
            audiences: ['calculator'],
            jwks: { uri: 'https://id.example.com/.well-known/jwks.json' },
          },
        },
      },
      identityRateLimit: { perClaim: { claim: 'sub', rate: '100/min' } },
      routes: [
        { path: '/report', identityRateLimit: { perClaim: { claim: 'sub', rate: '5/min' } } },
        { path: '/health', jwt: false, identityRateLimit: false },
      ],
    },
  },
});
