import fc from 'fast-check';
import { duration, rate } from '../arbitraries';
import { example } from '../examples';

const limits = {
  all: rate,
  perClient: rate,
  perHeader: fc.record({ name: fc.constantFrom('x-api-key', 'Authorization'), rate }),
  perClaim: fc.record({ claim: fc.constantFrom('sub', 'org.id'), rate }),
  perApiClient: rate,
  perUser: rate,
};

export default example('globalRateLimit', {
  every: {
    service: { host: 'ratelimit', port: 9081 },
    domain: 'calculator',
    limits: {
      total: '10000/s',
      perClient: '600/min',
      perHeader: { name: 'x-api-key', rate: '5000/hour' },
      perClaim: { claim: 'sub', rate: '100000/day' },
      perApiClient: '5000/hour',
      perUser: '100/min',
    },
    failureMode: 'deny',
    timeout: '500ms',
    shadow: true,
  },
  drawn: {
    service: fc.record(
      { host: fc.constantFrom('ratelimit', '10.0.0.7', 'fd00::7'), port: fc.integer({ min: 1, max: 65_535 }) },
      { requiredKeys: ['host'] },
    ),
    domain: fc.constantFrom('sidecars', 'a.b-c_d'),
    limits: fc.record(limits, { requiredKeys: [] }),
    failureMode: fc.constantFrom('allow', 'deny'),
    timeout: duration(1),
    shadow: fc.boolean(),
  },
});
