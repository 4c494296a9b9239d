import fc from 'fast-check';
import { count, duration, size } from '../drawn';
import { example } from '../examples';

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
    concurrent: 64,
    body: '64KiB',
  },
  drawn: {
    attempts: fc.integer({ min: 0, max: 1_000 }),
    backOff: duration(1),
    maxBackOff: duration(1),
    on: retryOn,
    onIdempotent: retryOn,
    concurrent: count(2 ** 31 - 1),
    body: size,
  },
});
