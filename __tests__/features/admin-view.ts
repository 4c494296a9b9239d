import fc from 'fast-check';
import { example } from '../examples';

export default example('adminView', {
  every: { port: 9000 },
  drawn: { port: fc.integer({ min: 20_001, max: 40_000 }) },
});
