import fc from 'fast-check';
import { example } from '../examples';

export default example('upgrades', {
  every: { types: ['websocket', 'tcp'] },
  drawn: { types: fc.uniqueArray(fc.constantFrom('websocket', 'tcp', 'SPDY/3.1'), { minLength: 1 }) },
});
