import fc from 'fast-check';
import { example } from '../examples';

export default example('accessLog', {
  every: { query: true },
  drawn: { query: fc.boolean() },
});
