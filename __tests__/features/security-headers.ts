import fc from 'fast-check';
import { example, upstream } from '../examples';

const orOff = <Value extends string>(...values: Value[]) => fc.constantFrom<Value | false>(...values, false);

export default example('securityHeaders', {
  every: {
    contentTypeOptions: 'nosniff',
    frameOptions: 'SAMEORIGIN',
    contentSecurityPolicy: "default-src 'self'; report-uri https://example.com/?from=a%20b; frame-ancestors 'self'",
    referrerPolicy: 'same-origin',
    crossOriginResourcePolicy: 'same-site',
    cacheControl: 'private, max-age=60',
    remove: ['x-powered-by', 'X-Generator'],
  },
  drawn: {
    contentTypeOptions: orOff('nosniff'),
    frameOptions: orOff('DENY', 'SAMEORIGIN'),
    contentSecurityPolicy: fc.oneof(
      orOff("default-src 'self'", "frame-ancestors 'none'"),
      fc.stringMatching(/^[!-~][ -~]{0,40}[!-~]$/),
    ),
    referrerPolicy: orOff('same-origin', 'no-referrer', 'unsafe-url'),
    crossOriginResourcePolicy: orOff('same-origin', 'same-site', 'cross-origin'),
    cacheControl: orOff('no-cache', 'public, max-age=%60'),
    remove: fc.constantFrom([], ['x-powered-by'], ['X-Generator', 'via']),
  },
  goldens: {
    // Data, pages among it, and answers that may be kept.
    'security-headers': {
      upstream,
      retries: false,
      securityHeaders: {},
      routes: [
        { path: '/docs', securityHeaders: { contentSecurityPolicy: "default-src 'self'; frame-ancestors 'none'" } },
        { path: '/images', securityHeaders: { crossOriginResourcePolicy: 'cross-origin', cacheControl: false } },
        { path: '/app', securityHeaders: false },
      ],
    },
  },
});
