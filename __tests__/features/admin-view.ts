import fc from 'fast-check';
import { example } from '../examples';

export default example('adminView', {
  every: { port: 9000, allowedHosts: ['envoy'] },
  drawn: {
    port: fc.integer({ min: 20_001, max: 40_000 }),
    allowedHosts: fc.array(fc.constantFrom('envoy', 'envoy.internal', 'a-b_c'), { maxLength: 3 }),
  },
});
