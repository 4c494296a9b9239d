import fc from 'fast-check';
import { example, upstream } from '../examples';

export default example('apiKeys', {
  every: {
    keys: { partner: 'not-a-real-key-of-a-partner', 'shop.1@x': 'not-a-real-key-of-a-shop' },
    fromHeaders: ['x-key', 'authorization'],
    fromParams: ['key'],
    fromCookies: ['key'],
    forward: true,
  },
  drawn: {
    keys: fc.constantFrom(
      { partner: 'not-a-real-key-1' },
      { partner: 'not-a-real-key-1', shop: '!"#$%&()*+,-./:;<=>?@[]' },
    ),
    fromHeaders: fc.constantFrom([], ['x-key'], ['x-key', 'authorization']),
    fromParams: fc.constantFrom([], ['key', '$.k']),
    fromCookies: fc.constantFrom([], ['key', '__Host-k']),
    forward: fc.boolean(),
  },
  goldens: {
    // Of three ways to show who one is, one is enough; two paths are open, and one is for a single client and one user.
    'any-of': {
      upstream,
      apiKeys: { keys: { partner: 'not-a-real-key-of-a-partner', shop: 'not-a-real-key-of-a-shop' } },
      basicAuth: { users: { anna: 'not-a-real-password', berta: 'not-a-real-password-either' } },
      authentication: { publicPaths: ['/health', { exact: '/' }], anyOf: ['apiKeys', 'basicAuth'] },
      routes: [{ path: '/orders', apiKeys: { allowedClients: ['partner'] }, basicAuth: { allowedUsers: ['anna'] } }],
    },
  },
});
