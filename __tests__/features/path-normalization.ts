import fc from 'fast-check';
import { example } from '../examples';

export default example('pathNormalization', {
  every: { escapedSlashes: 'reject', mergeSlashes: false },
  drawn: { escapedSlashes: fc.constantFrom('redirect', 'reject', 'keep'), mergeSlashes: fc.boolean() },
});
