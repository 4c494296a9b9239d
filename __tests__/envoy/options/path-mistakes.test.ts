import { assemble, type EnvoyOptions, type RouteRule } from '../../../envoy';

type RoutePath = RouteRule['path'];
const upstream = { host: 'api', port: 8080 };
const withRoute =
  (path: RoutePath, options: Partial<EnvoyOptions> = {}) =>
  () =>
    assemble({ upstream, ...options, routes: [{ path, timeouts: { request: '1s' } }] });

describe('a path that no request has is refused with what to write instead', () => {
  const everythingBelow = 'as text already covers everything below';
  test.each<[RoutePath, string]>([
    ['/admin/*', `write '/admin', ${everythingBelow}`],
    ['/admin/**', `write '/admin', ${everythingBelow}`],
    ['/admin/(.*)', `write '/admin', ${everythingBelow}`],
    ['/admin/.*', `write '/admin', ${everythingBelow}`],
    ['/*', `write '/', ${everythingBelow}`],
    ['/admin/', `write '/admin', ${everythingBelow}`],
    ['/users/*/orders', "write { template: '/users/*/orders' }"],
    ['/users/:id', "write { template: '/users/{id}' }"],
    ['/users/:id/orders', "write { template: '/users/{id}/orders' }"],
    ['/users/<int:id>', "write { template: '/users/{id}' }"],
    ['/users/[id]/orders', "write { template: '/users/{id}/orders' }"],
    ['/v/{id}', "write { template: '/v/{id}' }"],
    ['/v/{id:[0-9]+}', "write { template: '/v/{id}' }"],
    ['/v[0-9]', "write { regex: '/v[0-9]' }"],
    ['/(a|b)', "write { regex: '/(a|b)' }"],
    ['/admin$', "write { regex: '/admin$' }"],
    ['^/admin', "write for example '/api'"],
    ['https://api.example.com/v1', "write '/v1', and the host in hosts"],
    ['api', "write for example '/api'"],
    ['/a?b=1', "write '/a'"],
    ['/a#b', "write '/a'"],
    ['/a b', "write '/a%20b'"],
    ['/café', "write '/caf%C3%A9'"],
    ['/%61dmin', "write 'a'"],
    ['/a%2E', "write '.'"],
    ['/100%', "write '%25' for the sign itself"],
    ['/a%00', 'leave it out'],
    ['/a/../b', "write '/b'"],
    ['/a%2Fb', "write '/' in place of '%2F' and '%5C', as no path comes through with them"],
    ['/a//b', "write '/' in place of '//', as no path comes through with it"],
    ['/${TfToken[TOKEN.1]}', 'write it as a literal'],
    [{ exact: '/admin/*' }, "write { template: '/admin/*' }"],
    [{ exact: '/users/:id' }, "write { template: '/users/{id}' }"],
    [{ exact: '/a?b=1' }, "write '/a'"],
    [{ template: '/users/:id' }, "write { template: '/users/{id}' }"],
    [{ template: '/users/<id>' }, "write { template: '/users/{id}' }"],
    [{ template: '/files/(.*)' }, "write { template: '/files/**' }"],
    [{ template: '/users/{id}?all' }, "write '/users/{id}'"],
    [{ template: 'users/{id}' }, "write for example '/api'"],
    [{ regex: 'users/[0-9]+' }, "write '/users/[0-9]+'"],
    [{ regex: '^users/.*' }, "write '/users/.*'"],
    [{ regex: '/users\\?id=[0-9]+' }, 'leave that part out'],
  ])('%j', (path, remedy) => {
    expect(withRoute(path)).toThrow(/^routes\[0\]\.path/);
    expect(withRoute(path)).toThrow(new RegExp(`; ${remedy.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&')}$`));
  });
});

test.each<RoutePath>([
  '/users:export',
  '/Products(1)',
  '/$metadata',
  '/@me',
  "/a.b_c~d-e!f&g'h+i,j;k=l",
  '/c++',
  '/caf%C3%A9',
  '/a%20b',
  '/a%40b',
  '/.well-known/jwks.json',
  '/...',
  { exact: '/' },
  { exact: '/a/' },
  { template: '/**' },
  { template: '/*.txt' },
  { template: '/{path=a/*}/b' },
  { regex: '.*' },
  { regex: '/[^?]+' },
  { regex: 'x?/a' },
  { regex: '(?i)/a' },
  { regex: '^/a$' },
  { regex: 'a|/b' },
  { regex: '\\/a' },
])('%j is a path', (path) => {
  expect(withRoute(path)).not.toThrow();
});

test('slashes that paths keep may be written', () => {
  const keep = { pathNormalization: { escapedSlashes: 'keep' } } as const;
  expect(withRoute('/a%2Fb', keep)).not.toThrow();
  expect(withRoute('/a//b', { pathNormalization: { mergeSlashes: false, escapedSlashes: 'reject' } })).not.toThrow();
  for (const path of ['/a%2Fb', '/a//b']) {
    expect(withRoute(path, { pathNormalization: false })).not.toThrow();
  }
});

describe('every option that takes such a path refuses it, under its own name', () => {
  const authorization = (rule: object, effect: 'allow' | 'deny') => ({
    authorization: { allow: 'all' as const, [effect]: [rule] },
  });
  const basicAuth = { users: { anna: 'not-a-real-password' } };
  test.each<[Partial<EnvoyOptions>, string]>([
    [{ basicAuth, authentication: { publicPaths: ['/docs/*'] } }, 'authentication.publicPaths[0] must not hold'],
    [
      { basicAuth, authentication: { publicPaths: [{ template: '/docs/:page' }] } },
      'authentication.publicPaths[0].template must not hold',
    ],
    [authorization({ paths: ['/a', '/docs/*'] }, 'allow'), 'authorization.allow[0].paths[1] must not hold'],
    [authorization({ paths: ['/docs/*'] }, 'deny'), 'authorization.deny[0].paths[0] must not hold'],
    [
      authorization({ paths: [{ exact: '/docs/:page' }] }, 'deny'),
      'authorization.deny[0].paths[0].exact must not hold',
    ],
    [authorization({ paths: ['/a%2Fb'] }, 'allow'), 'authorization.allow[0].paths[0] needs path_with_escaped_slashes'],
    [authorization({ paths: ['/a//b'] }, 'deny'), 'authorization.deny[0].paths[0] needs merge_slashes'],
    [
      { authorization: { allow: 'all' }, routes: [{ path: '/a', authorization: { deny: [{ paths: ['/a/*'] }] } }] },
      'routes[0].authorization.deny[0].paths[0] must not hold',
    ],
  ])('%j', (options, message) => {
    expect(() => assemble({ upstream, ...options })).toThrow(message);
  });
});
