import fc from 'fast-check';
import { count, duration } from '../arbitraries';
import { example } from '../examples';

export default example('adaptiveConcurrency', {
  every: { fixedMinRtt: '50ms', minConcurrency: 20, tolerance: 100, status: 429 },
  drawn: {
    fixedMinRtt: duration(0),
    minConcurrency: count(1_000),
    tolerance: count(100),
    status: fc.constantFrom(503, 429),
  },
});
