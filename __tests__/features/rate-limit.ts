import fc from 'fast-check';
import { rate } from '../arbitraries';
import { example, upstream } from '../examples';

const rates = {
  all: rate,
  perClient: rate,
  perHeader: fc.record({ name: fc.constantFrom('x-api-key', 'Authorization'), rate }),
  clients: fc.integer({ min: 1_000, max: 10_000_000 }),
  shadow: fc.boolean(),
};

export default example('rateLimit', {
  every: {
    total: '1000/s',
    perClient: '100/min',
    perHeader: { name: 'x-api-key', rate: '5000/hour' },
    maxTrackedClients: 5_000,
    shadow: true,
  },
  drawn: fc.oneof(rate, fc.record(rates, { requiredKeys: [] })),
  goldens: {
    // A rate for each client, one path with less, one without.
    rates: {
      upstream,
      clientIp: { trustedCidrs: ['10.0.0.0/8', 'fd00::/8'] },
      rateLimit: { total: '90000/hour', perClient: '100/min' },
      routes: [
        { path: '/login', rateLimit: { perClient: '5/min' } },
        { path: '/health', rateLimit: false },
      ],
    },
  },
});
