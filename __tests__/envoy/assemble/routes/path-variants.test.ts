import { assemble, type EnvoyOptions, type RouteRule } from '../../../../envoy';
import { spellingsOf } from '../../../../envoy/assemble/routes/path-spellings';
import { features } from '../../../../envoy/features/registry';
import { managerOf } from '../../../helpers';

const upstream = { host: 'api', port: 8080 };
const plain = { upstream, retries: false, timeouts: false } as const;
const basicAuth = { users: { anna: 'not-a-real-password', bob: 'not-a-real-password-2' } };
const refused = { directResponse: { status: 403 } };

const routesOf = (options: Partial<EnvoyOptions>) =>
  managerOf(assemble({ ...plain, ...options }).bootstrap).route_config?.virtual_hosts?.[0]?.routes?.slice(0, -1) ?? [];

/** Of each route, whether it takes its path as it is written or in all its spellings. */
const matchesOf = (options: Partial<EnvoyOptions>) =>
  routesOf(options).map(({ match }) => (match?.safe_regex ? 'all spellings' : 'as written'));

const of = (rule: Omit<RouteRule, 'path'>, whole: Partial<EnvoyOptions> = {}) =>
  matchesOf({ ...whole, routes: [{ path: '/a', ...rule }] });

describe('a route that refuses more than what would take its requests otherwise holds for all spellings', () => {
  const rates = { rateLimit: { total: '100/s', perClient: '10/s' } } as const;
  const keys = { apiKeys: { keys: { one: 'not-a-real-key-of-one', two: 'not-a-real-key-of-two' } } };
  const jwt = {
    providers: {
      main: { issuer: 'https://a.example/', audiences: ['a'] as const, jwks: { uri: 'https://a.example/jwks' } },
      staff: { issuer: 'https://b.example/', audiences: ['a'] as const, jwks: { uri: 'https://b.example/jwks' } },
    },
  };
  const claims = { perClaim: { claim: 'sub', rate: '10/s' } } as const;
  const service = { service: { host: 'limits' }, domain: 'api', failureMode: 'deny' } as const;
  test.each<[string, Omit<RouteRule, 'path'>, Partial<EnvoyOptions>]>([
    ['a refusal', refused, {}],
    ['a rate', { rateLimit: '1/s' }, {}],
    ['a lower rate', { rateLimit: { perClient: '1/s' } }, rates],
    ['fewer clients with a key', { apiKeys: { allowedClients: ['one'] } }, keys],
    ['fewer users with a password', { basicAuth: { allowedUsers: ['anna'] } }, { basicAuth }],
    ['fewer issuers', { jwt: { requiresAny: ['staff'] } }, { jwt }],
    ['a token that is optional elsewhere', { jwt: { token: 'required' } }, { jwt: { ...jwt, token: 'optional' } }],
    ['a token that is ignored elsewhere', { jwt: { token: 'optional' } }, { jwt: { ...jwt, token: 'ignored' } }],
    ['an authorization', { authorization: { allow: [{ methods: ['GET'] }] } }, { authorization: { allow: 'all' } }],
    [
      'one more rule that denies',
      { authorization: { deny: [{ methods: ['PUT'] }, { methods: ['GET'] }] } },
      { authorization: { allow: 'all', deny: [{ methods: ['PUT'] }] } },
    ],
    ['what is a trial elsewhere', { csrf: { shadow: false } }, { csrf: { shadow: true } }],
    ['fewer origins', { csrf: { additionalOrigins: [] } }, { csrf: { additionalOrigins: ['a.example'] } }],
    [
      'a lower rate for each identity',
      { identityRateLimit: { perClaim: { claim: 'sub', rate: '1/s' } } },
      { jwt, identityRateLimit: claims },
    ],
    ['a higher cost', { globalRateLimit: { cost: 5 } }, { globalRateLimit: { ...service, limits: { total: '1/s' } } }],
    ['a smaller body', { bodyLimit: '1MiB' }, { bodyLimit: '2MiB' }],
    ['fewer ways to authenticate', { jwt: false }, { jwt, basicAuth, authentication: { anyOf: ['jwt', 'basicAuth'] } }],
  ])('%s', (_, rule, whole) => {
    expect(of(rule, whole)[0]).toBe('all spellings');
  });

  test.each<[string, Omit<RouteRule, 'path'>, Partial<EnvoyOptions>]>([
    ['nothing', {}, {}],
    ['what refuses nothing', { timeouts: { request: '1s' } }, { basicAuth, ...rates }],
    ['a redirect', { redirect: { path: '/b' } }, {}],
    ['an answer', { directResponse: { status: 200 } }, {}],
    ['a higher rate', { rateLimit: { perClient: '20/s' } }, rates],
    ['no rate', { rateLimit: false }, rates],
    ['a rate that is only tried', { rateLimit: { total: '1/s', shadow: true } }, {}],
    ['the same users', { basicAuth: { allowedUsers: ['bob', 'anna'] } }, { basicAuth }],
    ['no password', { authentication: { public: true } }, { basicAuth }],
    ['an optional token', { jwt: { token: 'optional' } }, { jwt }],
    ['a larger body', { bodyLimit: '3MiB' }, { bodyLimit: '2MiB' }],
    [
      'one more way to authenticate',
      { authentication: { anyOf: ['jwt', 'basicAuth', 'apiKeys'] } },
      { jwt, basicAuth, ...keys, authentication: { anyOf: ['jwt', 'basicAuth'] } },
    ],
  ])('%s holds for the path as it is written', (_, rule, whole) => {
    expect(new Set(of(rule, whole))).toEqual(new Set(['as written']));
  });

  test('a feature that refuses by who or what a request is says what it refuses', () => {
    const silent = Object.entries(features).flatMap(([name, feature]) =>
      'route' in feature && !('restrictions' in feature) ? [name] : [],
    );
    // What bounds the load, what browsers do with an answer, and how it is got.
    expect(silent).toEqual([
      'securityHeaders',
      'cors',
      'admissionControl',
      'requestBuffering',
      'adaptiveConcurrency',
      'streaming',
      'upgrades',
      'timeouts',
      'retries',
      'loadBalancing',
    ]);
  });

  test('what another upstream answers falls to no route of this one', () => {
    const upstreams = { v2: { host: 'v2', port: 8080 } };
    const rule = { path: '/v2', upstream: 'v2', rateLimit: '1/s' } as const;
    expect(matchesOf({ upstreams, routes: [rule] })).toEqual(['as written']);
    const below = { path: '/v2/login', upstream: 'v2', rateLimit: '1/s' } as const;
    expect(matchesOf({ upstreams, routes: [{ path: '/v2', upstream: 'v2' }, below] })).toEqual([
      'all spellings',
      'as written',
    ]);
  });

  test('a route by an expression within a public one, in other letters', () => {
    const routes = [
      { path: { regex: '/Docs/[a-z]+' }, timeouts: {} },
      { path: '/docs', authentication: { public: true as const } },
    ];
    expect(matchesOf({ basicAuth, routes })).toEqual(['all spellings', 'as written']);
  });

  test('a route that keeps what a public one around it opens', () => {
    const options = {
      basicAuth,
      authentication: { publicPaths: ['/a'] },
      routes: [
        { path: '/a/b', timeouts: {} },
        { path: '/c', timeouts: {} },
      ],
    };
    expect(matchesOf(options)).toEqual(['all spellings', 'as written', 'as written']);
  });
});

describe('what a route opens beside', () => {
  const filtersOf = (options: Partial<EnvoyOptions>) =>
    routesOf(options).map(({ typed_per_filter_config: config = {} }) =>
      Object.entries(config).map(
        ([name, value]) => `${'disabled' in value ? 'off' : 'own'} ${name.split('.').slice(3).join('.')}`,
      ),
    );

  test('is open in the one spelling alone', () => {
    const rule = { path: '/login', authentication: { public: true }, rateLimit: '1/min' } as const;
    const options = { basicAuth, routes: [rule] };
    expect(matchesOf(options)).toEqual(['as written', 'all spellings']);
    expect(filtersOf(options)).toEqual([
      ['own local_ratelimit./login', 'off header_to_metadata.basic', 'off header_mutation.basic', 'off basic_auth'],
      ['own local_ratelimit./login'],
    ]);
  });

  test('by a rate that is lower and higher is bounded by both', () => {
    const whole = { rateLimit: { total: '100/s', perClient: '10/s' } } as const;
    const rule = { path: '/a', rateLimit: { total: '50/s', perClient: '20/s' } } as const;
    expect(filtersOf({ ...whole, routes: [rule] })).toEqual([
      ['own local_ratelimit./a', 'off local_ratelimit'],
      ['own local_ratelimit./a'],
    ]);
  });

  test('is closed by a route around it', () => {
    const options = {
      basicAuth,
      routes: [
        { path: '/a', basicAuth: { allowedUsers: ['anna'] } },
        { path: '/a/b', rateLimit: '1/s' },
      ] as const,
    };
    expect(matchesOf(options)).toEqual(['as written', 'all spellings', 'all spellings']);
    expect(filtersOf(options)).toEqual([
      ['own local_ratelimit./a/b'],
      ['own local_ratelimit./a/b', 'own basic_auth'],
      ['own basic_auth', 'off local_ratelimit./a/b'],
    ]);
  });

  test('is not there in another spelling where a route around it refuses all', () => {
    const routes = [
      { path: '/a', ...refused },
      { path: '/a/b', rateLimit: '1/s' },
    ] as const;
    expect(matchesOf({ routes })).toEqual(['as written', 'all spellings']);
  });
});

describe('what cannot hold for all spellings is told', () => {
  const warningsOf = (options: Partial<EnvoyOptions>) => assemble({ ...plain, ...options }).warnings;
  const told = (path: string, reason: string, remedy: string) => [
    `routes[0].path: what the route refuses holds for ${path} as it is written alone, since ${reason}; other spellings, ` +
      `in other letters, with a slash or ';' at the end, fall to other routes; ${remedy}`,
  ];
  const remedy = 'write a text or a template, with {name} for long segments';

  test.each<[RouteRule['path'], string]>([
    ['/caf%C3%A9', 'the path has letters beyond ASCII'],
    [{ regex: '/(?-i)a' }, 'the path is an expression with flags, counts or classes of Unicode'],
    [`/${'a'.repeat(90)}`, 'the path is too long for the 100 instructions of an expression that Envoy takes'],
  ])('%j', (path, reason) => {
    expect(warningsOf({ routes: [{ path, ...refused }] })).toEqual(told(JSON.stringify(path), reason, remedy));
    expect(warningsOf({ routes: [{ path, timeouts: {} }] })).toEqual([]);
  });

  test('users of two routes of whom none are the same', () => {
    const routes = [
      { path: '/a/b', basicAuth: { allowedUsers: ['anna'] } },
      { path: '/a', basicAuth: { allowedUsers: ['bob'] } },
    ];
    const reason = 'a route for those refuses others by basicAuth';
    expect(warningsOf({ basicAuth, routes })).toEqual(
      told('"/a/b"', reason, 'let basicAuth of one of the two refuse all that the other refuses'),
    );
  });
});

test('a route whose path is a spelling of one that refuses is refused', () => {
  const routes = (one: RouteRule['path'], other: RouteRule['path']): RouteRule[] => [
    { path: one, ...refused },
    { path: other, timeouts: {} },
  ];
  expect(() => assemble({ ...plain, routes: routes('/admin', '/ADMIN') })).toThrow(
    'routes[1] can never match, since routes[0] refuses its requests as another spelling of its own, got "/ADMIN"; put it before that one, with routeOrder: \'asWritten\'',
  );
  expect(() => assemble({ ...plain, routes: routes('/admin', '/ADMIN/users') })).not.toThrow();
  const pinned = routes('/admin', '/ADMIN').reverse();
  expect(() => assemble({ ...plain, routes: pinned, routeOrder: 'asWritten' })).not.toThrow();
});

const SIGN = '(?-i:[!-.0-~])';
const slash = `(?:/?;${SIGN}*)*/`;
const below = '(?:[;/]\\C*)?';
const alone = `(?:/?;${SIGN}*)*/?`;
test.each<[RouteRule['path'], string]>([
  ['/a.b', `(?i)${slash}a(?:\\.|%2e)b${below}`],
  ['/a%3Ab', `(?i)${slash}a(?:\\:|%3a)b${below}`],
  [{ exact: '/a/' }, `(?i)${slash}a${alone}`],
  [{ exact: '/' }, `(?i)/?${alone}`],
  [{ template: '/a/{b}/*.txt' }, `(?i)${slash}a${slash}${SIGN}+${slash}${SIGN}+(?:\\.|%2e)txt${alone}`],
  [{ template: '/a/{b=**}' }, `(?i)${slash}a${below}`],
  [{ regex: '/a/[^/]+|\\/b' }, `(?i)(?:${slash}a${slash}${SIGN}+|${slash}b)${alone}`],
  [{ regex: '(?i)/a' }, `(?i)(?:${slash}a)${alone}`],
])('the spellings of %j', (path, regex) => {
  expect(spellingsOf(path)).toMatchObject({ regex });
});
