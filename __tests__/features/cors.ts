import fc from 'fast-check';
import { duration } from '../arbitraries';
import { example } from '../examples';

export default example('cors', {
  every: {
    origins: ['https://app.example.com'],
    methods: ['PUT', 'DELETE'],
    headers: ['authorization'],
    expose: ['x-request-id'],
    credentials: true,
    maxAge: '1h',
  },
  drawn: {
    origins: fc.constant(['https://app.example.com']),
    methods: fc.constantFrom([], ['PUT', 'DELETE']),
    headers: fc.constantFrom([], ['authorization', 'x-a']),
    expose: fc.constantFrom([], ['x-b']),
    credentials: fc.boolean(),
    maxAge: duration(0),
  },
});
