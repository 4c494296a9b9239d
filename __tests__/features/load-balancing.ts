import fc from 'fast-check';
import { duration } from '../arbitraries';
import { example, upstream } from '../examples';

export default example('loadBalancing', {
  every: {
    consistentHash: { cookie: 'replica', ttl: '1h' },
    policy: 'ringHash',
    panicMode: false,
    slowStartWindow: '30s',
  },
  drawn: {
    policy: fc.constantFrom('leastRequest', 'roundRobin', 'random', 'ringHash', 'maglev'),
    consistentHash: fc.oneof(
      fc.constant({ header: 'x-user' }),
      fc.constant('clientAddress' as const),
      duration(0).map((ttl) => ({ cookie: 'a', ttl })),
    ),
    slowStartWindow: duration(1),
    panicMode: fc.boolean(),
  },
  // Two policies have a slow start, the other two a hash.
  together: { consistentHash: { cookie: 'replica', ttl: '1h' }, policy: 'ringHash', panicMode: false },
  goldens: {
    // Replicas that warm up, and go for a while when they answer badly.
    replicas: { upstream: { ...upstream, loadBalancing: { slowStartWindow: '30s' } }, outlierDetection: {} },
  },
});
