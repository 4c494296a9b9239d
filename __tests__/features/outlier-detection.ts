import fc from 'fast-check';
import { count, duration } from '../arbitraries';
import { example } from '../examples';

export default example('outlierDetection', {
  every: {
    consecutive5xx: 10,
    consecutiveGatewayFailures: 4,
    interval: '5s',
    baseEjectionTime: '10s',
    maxEjectionTime: '2m',
    maxEjectionPercent: 30,
  },
  drawn: {
    consecutive5xx: fc.oneof(count(1_000_000), fc.constant(false as const)),
    consecutiveGatewayFailures: fc.oneof(count(1_000_000), fc.constant(false as const)),
    interval: duration(1),
    baseEjectionTime: duration(1),
    maxEjectionTime: duration(1),
    maxEjectionPercent: count(100),
  },
});
