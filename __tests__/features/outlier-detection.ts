import fc from 'fast-check';
import { count, duration } from '../arbitraries';
import { example } from '../examples';

export default example('outlierDetection', {
  every: {
    consecutive5xx: 10,
    consecutiveGatewayFailures: 4,
    interval: '5s',
    ejectionTime: '10s',
    maxEjectionTime: '2m',
    maxEjectedPercent: 30,
  },
  drawn: {
    consecutive5xx: fc.oneof(count(1_000_000), fc.constant(false as const)),
    consecutiveGatewayFailures: fc.oneof(count(1_000_000), fc.constant(false as const)),
    interval: duration(1),
    ejectionTime: duration(1),
    maxEjectionTime: duration(1),
    maxEjectedPercent: count(100),
  },
});
