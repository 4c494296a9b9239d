import { assemble, type RouteOrder, type RouteRule } from '../../../../envoy';
import { DEFAULT_FILTERS, DEFAULT_LAST_FILTERS, managerOf } from '../../../helpers';

const plain = { upstream: { host: 'api', port: 8080 }, retries: false, timeouts: false } as const;

const routesOf = (routes: readonly RouteRule[], routeOrder?: RouteOrder) =>
  managerOf(assemble({ ...plain, routes, ...(routeOrder && { routeOrder }) }).bootstrap)
    .route_config?.virtual_hosts?.[0]?.routes?.slice(0, -1)
    .map(({ match, direct_response: answer }) => ({ match, body: answer?.body?.inline_string })) ?? [];

const said = (body: string) => ({ directResponse: { status: 200, body } });
const ofHosts = (names: string) => ({
  name: ':authority',
  string_match: { safe_regex: { regex: `(?i)(${names})\\.?(:[0-9]+)?` } },
});

describe('hosts', () => {
  test('are names, in any case, with any port and a dot at the end', () => {
    const hosts = ['api.example.com', 'my_api'];
    expect(routesOf([{ path: '/a', hosts }])[0]?.match).toEqual({
      path_separated_prefix: '/a',
      headers: [ofHosts('api\\.example\\.com|my_api')],
    });
  });

  test('with a star are all names below', () => {
    expect(routesOf([{ path: '/', hosts: ['*.example.com'] }])[0]?.match).toEqual({
      prefix: '/',
      headers: [ofHosts('[a-z0-9_.-]+\\.example\\.com')],
    });
  });

  test('stand before methods and headers', () => {
    const rule = { path: '/', hosts: ['a.example'], methods: ['GET'], headers: { 'x-a': '1' } } as const;
    expect(routesOf([rule])[0]?.match?.headers?.map(({ name }) => name)).toEqual([':authority', ':method', 'x-a']);
  });

  test('a host is tried before one with a star, of these the longest first, and before none; whatever the paths', () => {
    const bodies = routesOf([
      { path: { exact: '/a/b' }, ...said('all') },
      { path: '/a', hosts: ['*.example.com'], ...said('*.example.com') },
      { path: '/', hosts: ['*.api.example.com'], ...said('*.api.example.com') },
      { path: '/', hosts: ['x.api.example.com'], ...said('x.api.example.com') },
      { path: '/', hosts: ['*.com'], ...said('*.com') },
    ]).map(({ body }) => body);
    expect(bodies).toEqual(['x.api.example.com', '*.api.example.com', '*.example.com', '*.com', 'all']);
  });

  test('of one route are tried apart where they say more and less', () => {
    const routes = routesOf([
      { path: '/', hosts: ['example.com', '*.example.com', 'example.org'], ...said('mixed') },
      { path: '/', hosts: ['www.example.com'], ...said('www') },
    ]);
    expect(routes).toEqual([
      { match: { prefix: '/', headers: [ofHosts('example\\.com|example\\.org')] }, body: 'mixed' },
      { match: { prefix: '/', headers: [ofHosts('www\\.example\\.com')] }, body: 'www' },
      { match: { prefix: '/', headers: [ofHosts('[a-z0-9_.-]+\\.example\\.com')] }, body: 'mixed' },
    ]);
  });

  test('tell routes of one path apart, in the names of what they have of their own too', () => {
    const filters = managerOf(
      assemble({
        ...plain,
        routes: [
          { path: '/a', hosts: ['b.example', 'a.example'], rateLimit: '1/s' },
          { path: '/a', rateLimit: '2/s' },
        ],
      }).bootstrap,
    ).http_filters?.map(({ name }) => name);
    expect(filters?.slice(0, -1)).toEqual([
      ...DEFAULT_FILTERS,
      'envoy.filters.http.local_ratelimit.a.example,b.example /a',
      'envoy.filters.http.local_ratelimit./a',
      ...DEFAULT_LAST_FILTERS,
    ]);
  });

  const form = (index: number, got: string) =>
    `routes[0].hosts[${index}] must be a name in lower case without a port, with '*.' before it for all names below, ` +
    `got ${got}; write for example 'api.example.com' or '*.example.com', and leave hosts out for all`;
  test.each<[unknown[], string]>([
    [[], 'routes[0].hosts must name a host, got []; leave it out for all hosts'],
    [['a.example', 'a.example'], 'routes[0].hosts[1] is also hosts[0], got "a.example"; leave it out'],
    ...[
      'A.example',
      'a.example:80',
      'a.example.',
      '*',
      '*example.com',
      'a.*',
      '',
      'a..b',
      '-a',
      '[::1]',
      'ä.example',
    ].map((host): [unknown[], string] => [['b.example', host], form(1, JSON.stringify(host))]),
    [[7], 'routes[0].hosts[0] must be a text, got 7; write a text'],
    [['${TfToken[TOKEN.1]}'], form(0, '"${TfToken[TOKEN.1]}" (known only to Terraform when it applies)')],
  ])('refuses %j', (hosts, message) => {
    expect(() => routesOf([{ path: '/a', hosts: hosts as string[] }])).toThrow(new Error(message));
  });
});

describe('the order', () => {
  const routes: RouteRule[] = [
    { path: '/a', ...said('/a') },
    { path: '/b', hosts: ['*.example', 'a.example'], ...said('hosts') },
    { path: '/b/c', ...said('/b/c') },
    { path: { exact: '/b/c/d' }, methods: ['GET'], ...said('exact') },
  ];

  test('is that of what they say', () => {
    expect(routesOf(routes).map(({ body }) => body)).toEqual(['hosts', 'hosts', 'exact', '/b/c', '/a']);
  });

  test('is that in which they are written, if it is pinned', () => {
    const pinned = [...routes].reverse();
    expect(routesOf(pinned, 'asWritten').map(({ body }) => body)).toEqual(['exact', '/b/c', 'hosts', '/a']);
  });

  test('an answer to all other requests comes last', () => {
    const bodies = routesOf([{ path: '/', ...said('other') }, ...routes]).map(({ body }) => body);
    expect(bodies).toEqual(['hosts', 'hosts', 'exact', '/b/c', '/a', 'other']);
  });

  test('a value says more than an expression, and that more than any value', () => {
    const of = (value: string | true | { regex: string }, body: string) => ({
      path: '/a',
      headers: { 'x-a': value },
      ...said(body),
    });
    const bodies = routesOf([of(true, 'any'), of({ regex: 'a|b' }, 'expression'), of('a', 'value')]);
    expect(bodies.map(({ body }) => body)).toEqual(['value', 'expression', 'any']);
  });

  test('what a part of a template is called says nothing, and how many parts there are less than one part', () => {
    const template = (text: string) => ({ path: { template: text }, ...said(text) });
    const bodies = routesOf([template('/users/{identification}'), template('/users/me'), template('/{a=users/**}')]);
    expect(bodies.map(({ body }) => body)).toEqual(['/users/me', '/users/{identification}', '/{a=users/**}']);
  });

  test('refuses what is none', () => {
    expect(() => routesOf([], 'first' as RouteOrder)).toThrow(
      new Error("routeOrder must be one of 'mostSpecificFirst', 'asWritten', got \"first\"; choose one of these"),
    );
  });
});

describe('a route that can never match', () => {
  const dead = (one: RouteRule, other: RouteRule) => () => routesOf([one, other], 'asWritten');
  const paths = (one: RouteRule['path'], other: RouteRule['path']) =>
    dead({ path: one, methods: ['GET', 'PUT'] }, { path: other, methods: ['GET'] });

  test.each<[RouteRule['path'], RouteRule['path']]>([
    ['/', '/a'],
    ['/', { exact: '/' }],
    ['/', { regex: '/[a-z]+' }],
    ['/a', '/a'],
    ['/a', '/a/b'],
    ['/a', { exact: '/a' }],
    ['/a', { exact: '/a/' }],
    ['/a', { template: '/a/{b}' }],
    ['/a', { template: '/a/{b=**}' }],
    ['/a', { template: '/{b=a/*}' }],
    ['/a', { regex: '/a/+b?' }],
    ['/a', { regex: '/a/.*' }],
    [{ exact: '/a' }, { exact: '/a' }],
    [{ regex: '/[a-z]+' }, { regex: '/[a-z]+' }],
    [{ regex: '.*' }, '/a'],
    [{ regex: '/.*' }, '/'],
    [{ regex: '/a/.*' }, '/a/b'],
    [{ regex: '/a.*' }, '/ab'],
    [{ template: '/a/{b}' }, { template: '/a/{c}' }],
    [{ template: '/a/{b}' }, { template: '/a/*' }],
    [{ template: '/a/{b}' }, { template: '/a/c' }],
    [{ template: '/a/{b}/c' }, { exact: '/a/b/c' }],
    [{ template: '/a/**' }, { exact: '/a/b/c' }],
    [{ template: '/a/**' }, { template: '/a/{b}/{c}' }],
    [{ template: '/{a=**}' }, { template: '/a/{b=**}' }],
  ])('%j takes all of %j', (one, other) => {
    expect(paths(one, other)).toThrow(/^routes\[1\] can never match, since routes\[0\] is tried before it/);
  });

  test.each<[RouteRule['path'], RouteRule['path']]>([
    ['/a', '/'],
    ['/a', '/ab'],
    ['/a/b', '/a'],
    ['/a', { exact: '/ab' }],
    ['/a', { template: '/a{b}' }],
    ['/a', { template: '/{a}/b' }],
    ['/a', { regex: '/a.*' }],
    ['/a', { regex: '/a/?b' }],
    ['/a', { regex: '/a/*' }],
    ['/a', { regex: '/a/{0,1}' }],
    ['/a', { regex: '/a/b|/c' }],
    ['/a', { regex: '(?i)/a/b' }],
    ['/', { regex: '.*' }],
    ['/', { regex: '/?.*' }],
    [{ exact: '/a' }, '/a'],
    [{ exact: '/a' }, { template: '/{a}' }],
    [{ regex: '/a/.*' }, '/a'],
    [{ regex: '/a/.+' }, '/a/b'],
    [{ regex: '/a/b|/.*' }, '/c'],
    [{ regex: '/[a-z]+' }, { exact: '/a' }],
    [{ template: '/a/{b}' }, '/a/b'],
    [{ template: '/a/{b}' }, { template: '/a/**' }],
    [{ template: '/a/{b}' }, { exact: '/a/' }],
    [{ template: '/a/{b}' }, { exact: '/a/b/c' }],
    [{ template: '/a/**' }, { exact: '/a' }],
    [{ template: '/a/*.txt' }, { exact: '/a/b' }],
    [{ template: '/a/c' }, { template: '/a/{b}' }],
  ])('%j leaves something of %j', (one, other) => {
    expect(paths(one, other)).not.toThrow();
  });

  type Narrowed = Pick<RouteRule, 'hosts' | 'methods' | 'headers'>;
  const rest = { 'x-rest': true } as const;
  test.each<[Narrowed, Narrowed]>([
    [{ headers: rest }, { headers: { ...rest, 'x-a': '1' } }],
    [{ headers: rest }, { headers: { 'x-rest': '1' } }],
    [{ headers: rest }, { headers: { 'x-rest': { regex: '1' } } }],
    [{ headers: { 'x-a': { regex: '1' } } }, { headers: { 'x-a': { regex: '1' }, ...rest } }],
    [{ headers: rest }, { headers: rest, methods: ['GET'] }],
    [{ methods: ['GET', 'PUT'] }, { methods: ['PUT'] }],
    [{ headers: rest }, { headers: rest, hosts: ['a.example'] }],
    [{ hosts: ['a.example', 'b.example'] }, { hosts: ['b.example'] }],
    [{ hosts: ['*.example'] }, { hosts: ['a.example', '*.b.example'] }],
  ])('%j takes all of %j', (one, other) => {
    expect(dead({ path: '/a', ...one }, { path: '/a', ...other })).toThrow(/^routes\[1\] can never match/);
  });

  test.each<[Narrowed, Narrowed]>([
    [{ headers: { 'x-a': '1' } }, { headers: rest }],
    [{ headers: { 'x-a': '1' } }, { headers: { 'x-a': '2' } }],
    [{ headers: { 'x-rest': '1' } }, { headers: rest }],
    [{ headers: { 'x-a': { regex: '.' } } }, { headers: { 'x-a': '1' } }],
    [{ headers: { constructor: true as const } }, { headers: rest }],
    [{ headers: rest }, {}],
    [{ methods: ['GET'] }, { methods: ['GET', 'PUT'] }],
    [{ methods: ['GET'] }, {}],
    [{ hosts: ['a.example'] }, {}],
    [{ hosts: ['a.example'] }, { hosts: ['a.example', 'b.example'] }],
    [{ hosts: ['*.example'] }, { hosts: ['example'] }],
    [{ hosts: ['*.a.example'] }, { hosts: ['*.example'] }],
    [{ hosts: ['*.example'] }, { hosts: ['a.b-example'] }],
  ])('%j leaves something of %j', (one, other) => {
    expect(dead({ path: '/a', ...one }, { path: '/a', ...other })).not.toThrow();
  });

  test('is refused with the names of both', () => {
    expect(dead({ path: '/a' }, { path: '/a/b', methods: ['GET'] })).toThrow(
      new Error(
        'routes[1] can never match, since routes[0] is tried before it and takes all its requests, got "GET /a/b"; ' +
          'write it first',
      ),
    );
  });

  test('is refused in the order of what they say too', () => {
    expect(() => routesOf([{ path: '/a' }, { path: { regex: '/.*' } }])).toThrow(
      new Error(
        'routes[0] can never match, since routes[1] is tried before it and takes all its requests, got "/a"; ' +
          "narrow that one, or choose the order with routeOrder: 'asWritten'",
      ),
    );
  });

  test('is none while a host is left to it', () => {
    const routes = (hosts: string[]): RouteRule[] => [
      { path: '/a', hosts: ['a.example', '*.example'] },
      { path: { regex: '/.*' }, hosts },
    ];
    expect(() => routesOf(routes(['a.example']))).not.toThrow();
    expect(() => routesOf(routes(['a.example', '*.example']))).toThrow(/^routes\[0\] can never match/);
  });
});
