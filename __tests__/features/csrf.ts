import fc from 'fast-check';
import { example } from '../examples';

export default example('csrf', {
  every: { additionalOrigins: ['app.example.com', 'localhost:3000'], shadow: true },
  drawn: {
    additionalOrigins: fc.uniqueArray(
      fc.constantFrom('app.example.com', 'localhost:3000', '10.0.0.5:8443', '[::1]:8080', 'xn--bcher-kva.example'),
    ),
    shadow: fc.boolean(),
  },
  goldens: {
    // A site of its own beside the API, scripts with tokens, and somebody who calls without a browser.
    csrf: {
      upstream: { host: 'api', port: 8080 },
      csrf: { additionalOrigins: ['app.example.com'] },
      routes: [
        { path: '/', headers: { authorization: { regex: 'Bearer .+' } }, csrf: false },
        { path: '/new', csrf: { shadow: true } },
        { path: '/webhooks', csrf: false },
      ],
    },
  },
});
