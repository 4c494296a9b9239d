import fc from 'fast-check';
import { example } from '../examples';

export default example('requestHeaders', {
  every: {
    headersWithUnderscores: 'drop',
    headersWithSpecialCharacters: 'allow',
    allowedForwardingHeaders: ['x-http-method-override'],
  },
  drawn: {
    headersWithUnderscores: fc.constantFrom('reject', 'drop', 'allow'),
    headersWithSpecialCharacters: fc.constantFrom('drop', 'allow'),
    allowedForwardingHeaders: fc.subarray(['x-http-method-override', 'x-real-ip', 'client-cert'] as const),
  },
});
