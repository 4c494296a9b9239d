import fc from 'fast-check';
import { count, duration } from '../arbitraries';
import { example } from '../examples';

export default example('adaptiveConcurrency', {
  every: { fixedMinRtt: '50ms', minConcurrency: 20, latencyTolerance: 100, rejectionStatus: 429 },
  drawn: {
    fixedMinRtt: duration(0),
    minConcurrency: count(1_000),
    latencyTolerance: count(100),
    rejectionStatus: fc.constantFrom(503, 429),
  },
});
