import fc from 'fast-check';
import { count, duration } from '../arbitraries';
import { example } from '../examples';

export default example('errorBreaker', {
  // With the others, `outlierDetection` says which replicas go.
  every: {
    successRate: 90,
    window: '10s',
    minRate: 20,
    maxRefused: 50,
    countInternalErrors: false,
    ejectReplicas: false,
  },
  drawn: {
    successRate: count(100),
    window: duration(0),
    minRate: fc.oneof(fc.constant(0), count(2 ** 31 - 1)),
    maxRefused: count(99),
    countInternalErrors: fc.boolean(),
    ejectReplicas: fc.boolean(),
  },
});
