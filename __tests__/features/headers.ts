import fc from 'fast-check';
import { example } from '../examples';

export default example('headers', {
  every: { underscores: 'drop', specialCharacters: 'allow', allowedForwardingHeaders: ['x-http-method-override'] },
  drawn: {
    underscores: fc.constantFrom('reject', 'drop', 'allow'),
    specialCharacters: fc.constantFrom('drop', 'allow'),
    allowedForwardingHeaders: fc.subarray(['x-http-method-override', 'x-real-ip', 'client-cert'] as const),
  },
});
