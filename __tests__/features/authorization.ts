import fc from 'fast-check';
import type { AuthorizationRule } from '../../envoy';
import { networks } from '../arbitraries';
import { example, upstream } from '../examples';

const some = <T>(...values: T[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1 });
const names = some('anna', 'ben', 'a b', 'ümlaut');
const paths: NonNullable<AuthorizationRule['paths']> = [
  '/',
  '/admin',
  '/a/b/c',
  { exact: '/' },
  { exact: '/v1/items/' },
  { regex: '/users/[0-9]+(/keys)?' },
];
const template = { template: '/users/{id}/**' };

const rules = (...morePaths: typeof paths) => {
  const rule: fc.Arbitrary<AuthorizationRule> = fc.record(
    {
      claims: fc.dictionary(
        fc.constantFrom('role', 'org.id', 'https://example.com/roles'),
        some<string | number | boolean>('admin', 7, -0.5, true),
        { minKeys: 1 },
      ),
      scopes: some('read', 'write:all'),
      clients: names,
      users: names,
      certificates: some<string | { suffix: string }>('a.example.com', 'spiffe://x/y', 'a@b.example', { suffix: '.c' }),
      methods: some('GET', 'POST', 'DELETE'),
      paths: some(...paths, ...morePaths),
      addresses: networks,
      headers: fc.constantFrom({ 'x-a': true as const }, { 'x-a': 'a(b)[c]\\d+', b: { regex: 'c.*' } }),
    },
    { requiredKeys: [] },
  );
  return fc.array(
    rule.filter((one) => Object.keys(one).length > 0),
    { minLength: 1, maxLength: 4 },
  );
};

export default example('authorization', {
  every: {
    allow: [
      { claims: { role: ['admin', 'ops'], 'org.id': [7], active: [true] }, scopes: ['read', 'write'] },
      { clients: ['partner'], users: ['anna', 'ben'] },
      { certificates: ['partner.example.com', 'spiffe://example.com/billing', { suffix: '@example.com' }] },
      {
        methods: ['GET', 'HEAD'],
        paths: ['/public', { exact: '/' }, { template: '/users/{id}' }, { regex: '/v\\d+' }],
      },
    ],
    deny: [{ paths: ['/admin/keys'], addresses: ['10.0.0.0/8', 'fd00::/8'], headers: { 'x-debug': 'on' } }],
    shadow: true,
  },
  // The whole has slashes unmerged, which no rule about paths would hold with.
  together: {
    allow: [{ claims: { role: ['admin', 'ops'] } }, { clients: ['partner'], users: ['anna'] }],
    deny: [{ addresses: ['10.0.0.0/8', 'fd00::/8'] }],
  },
  drawn: {
    allow: fc.oneof(fc.constant('all' as const), rules(template)),
    deny: rules(),
    shadow: fc.boolean(),
  },
  goldens: {
    // Reading for all who signed in, writing for some, the rest for those within.
    authorization: {
      upstream,
      jwt: {
        providers: {
          main: {
            issuer: 'https://id.example.com/',
            audiences: ['calculator'],
            jwks: { uri: 'https://id.example.com/.well-known/jwks.json' },
          },
        },
      },
      authorization: {
        allow: [
          { methods: ['GET'], scopes: ['read'] },
          { claims: { role: ['editor', 'admin'] }, paths: ['/items'] },
        ],
        deny: [{ paths: ['/admin'] }],
      },
      routes: [
        { path: '/health', jwt: false, authorization: false },
        { path: '/admin', authorization: { allow: [{ claims: { role: ['admin'] } }], deny: [] } },
        { path: '/beta', authorization: { shadow: true } },
      ],
    },
  },
});
