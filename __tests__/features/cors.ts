import fc from 'fast-check';
import { duration } from '../arbitraries';
import { example } from '../examples';

export default example('cors', {
  every: {
    allowOrigins: ['https://app.example.com'],
    allowMethods: ['PUT', 'DELETE'],
    allowHeaders: ['authorization'],
    exposeHeaders: ['x-request-id'],
    allowCredentials: true,
    maxAge: '1h',
  },
  drawn: {
    allowOrigins: fc.constant(['https://app.example.com']),
    allowMethods: fc.constantFrom([], ['PUT', 'DELETE']),
    allowHeaders: fc.constantFrom([], ['authorization', 'x-a']),
    exposeHeaders: fc.constantFrom([], ['x-b']),
    allowCredentials: fc.boolean(),
    maxAge: duration(0),
  },
});
