import fc from 'fast-check';
import { duration } from '../arbitraries';
import { example, upstream } from '../examples';

export default example('loadBalancing', {
  every: { hashOn: { cookie: 'replica', ttl: '1h' }, policy: 'ringHash', panic: false, slowStart: '30s' },
  drawn: {
    policy: fc.constantFrom('leastRequest', 'roundRobin', 'random', 'ringHash', 'maglev'),
    hashOn: fc.oneof(
      fc.constant({ header: 'x-user' }),
      fc.constant('clientAddress' as const),
      duration(0).map((ttl) => ({ cookie: 'a', ttl })),
    ),
    slowStart: duration(1),
    panic: fc.boolean(),
  },
  // Two policies have a slow start, the other two a hash.
  together: { hashOn: { cookie: 'replica', ttl: '1h' }, policy: 'ringHash', panic: false },
  goldens: {
    // Replicas that warm up, and go for a while when they answer badly.
    replicas: { upstream: { ...upstream, loadBalancing: { slowStart: '30s' } }, outlierDetection: {} },
  },
});
