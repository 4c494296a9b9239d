import fc from 'fast-check';
import { count, duration, size } from '../arbitraries';
import { example, upstream } from '../examples';

const retryOn = fc.uniqueArray(
  fc.constantFrom('5xx', 'gateway-error', 'reset', 'connect-failure', 'refused-stream', 'unavailable' as const),
);

export default example('retries', {
  every: {
    attempts: 2,
    backOff: '100ms',
    maxBackOff: '2s',
    on: ['connect-failure'],
    onIdempotent: ['reset', 'gateway-error'],
    perTryTimeout: '4s',
    concurrent: 64,
    budget: { percent: 25, atLeast: 5, interval: '10s' },
    body: '64KiB',
  },
  together: {
    attempts: 2,
    backOff: '100ms',
    maxBackOff: '2s',
    on: ['connect-failure'],
    onIdempotent: ['reset', 'gateway-error'],
    perTryTimeout: '4s',
    budget: { percent: 25, atLeast: 5 },
    body: '64KiB',
  },
  drawn: {
    attempts: fc.integer({ min: 0, max: 1_000 }),
    backOff: duration(1),
    maxBackOff: duration(1),
    on: retryOn,
    onIdempotent: retryOn,
    perTryTimeout: duration(1),
    concurrent: count(2 ** 31 - 1),
    budget: fc.record({ percent: count(100), atLeast: count(2 ** 31 - 1) }, { requiredKeys: ['percent'] }),
    body: size,
  },
  goldens: {
    failover: {
      upstream: [upstream, { service: { host: 'spare', port: 8080 }, fallback: true }],
      upstreams: {
        v2: [
          { host: 'v2-a', port: 9000, healthCheck: { path: '/health' } },
          { host: 'v2-b', port: 9000 },
          { service: { host: 'old', port: 9000 }, fallback: true },
        ],
      },
      routes: [{ path: '/v2', to: 'v2', timeouts: { request: '4s' } }],
    },
  },
});
