import fc from 'fast-check';
import { example } from '../examples';

export default example('headers', {
  every: { underscores: 'drop' },
  drawn: { underscores: fc.constantFrom('reject', 'drop', 'allow') },
});
