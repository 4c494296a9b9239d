import fc from 'fast-check';
import { count, duration, size } from '../arbitraries';
import { example, upstream } from '../examples';

const retryOn = fc.uniqueArray(
  fc.constantFrom('5xx', 'gateway-error', 'reset', 'connect-failure', 'refused-stream', 'unavailable' as const),
);

export default example('retries', {
  every: {
    numRetries: 2,
    backOff: { baseInterval: '100ms', maxInterval: '2s' },
    retryOn: ['connect-failure'],
    retryOnIdempotent: ['reset', 'gateway-error'],
    perTryTimeout: '4s',
    maxConcurrentRetries: 64,
    budget: { budgetPercent: 25, minRetryConcurrency: 5, budgetInterval: '10s' },
    requestBufferLimit: '64KiB',
  },
  together: {
    numRetries: 2,
    backOff: { baseInterval: '100ms', maxInterval: '2s' },
    retryOn: ['connect-failure'],
    retryOnIdempotent: ['reset', 'gateway-error'],
    perTryTimeout: '4s',
    budget: { budgetPercent: 25, minRetryConcurrency: 5 },
    requestBufferLimit: '64KiB',
  },
  drawn: {
    numRetries: fc.integer({ min: 0, max: 1_000 }),
    backOff: fc.record({ baseInterval: duration(1), maxInterval: duration(1) }, { requiredKeys: [] }),
    retryOn: retryOn,
    retryOnIdempotent: retryOn,
    perTryTimeout: duration(1),
    maxConcurrentRetries: count(2 ** 31 - 1),
    budget: fc.record(
      { budgetPercent: count(100), minRetryConcurrency: count(2 ** 31 - 1) },
      { requiredKeys: ['budgetPercent'] },
    ),
    requestBufferLimit: size,
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
      routes: [{ path: '/v2', upstream: 'v2', timeouts: { request: '4s' } }],
    },
  },
});
