import fc from 'fast-check';
import { example } from '../examples';

export default example('accessLog', {
  every: { includeQuery: true },
  drawn: { includeQuery: fc.boolean() },
});
