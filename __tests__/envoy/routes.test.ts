import { assemble, type EnvoyOptions } from '../../envoy';
import { managerOf } from '../helpers';

const upstream = { host: 'api', port: 8080 };
const plain = { upstream, retries: false, timeouts: false } as const;

const routesOf = (options: EnvoyOptions) =>
  managerOf(assemble(options).bootstrap).route_config?.virtual_hosts?.[0]?.routes ?? [];
const matchesOf = (options: EnvoyOptions) => routesOf(options).map(({ match }) => match);
const filtersOf = (options: EnvoyOptions) =>
  managerOf(assemble(options).bootstrap).http_filters?.map(({ name }) => name);

test('the longest path comes first, and the route for all the rest comes last', () => {
  const routes = [{ path: '/a' }, { path: '/a/b/c' }, { path: '/a/b' }];
  expect(matchesOf({ ...plain, routes })).toEqual([
    { path_separated_prefix: '/a/b/c' },
    { path_separated_prefix: '/a/b' },
    { path_separated_prefix: '/a' },
    { prefix: '/' },
  ]);
});

test('a path has one more route for methods that may be repeated only where a feature tells them apart', () => {
  const routes = [{ path: '/a', retries: false as const }];
  expect(matchesOf({ upstream, routes }).map((match) => Object.keys(match))).toEqual([
    ['path_separated_prefix'],
    ['prefix', 'headers'],
    ['prefix'],
  ]);
});

test("a route's own options lie over those of the proxy, property by property", () => {
  const [route] = routesOf({
    upstream,
    retries: { attempts: 7, backOff: '1s', onIdempotent: [] },
    routes: [{ path: '/a', retries: { attempts: 2 } }],
  });
  expect(route?.route).toMatchObject({
    retry_policy: { num_retries: 2, retry_back_off: { base_interval: '1s' } },
  });
});

test('a filter that only some routes have is there once, and switched off on the others', () => {
  const options: EnvoyOptions = {
    ...plain,
    routes: [
      { path: '/a', cors: { origins: ['https://a.example'] } },
      { path: '/b', cors: { origins: ['https://b.example'] } },
      { path: '/c' },
    ],
  };
  expect(filtersOf(options)).toEqual(['envoy.filters.http.cors', 'envoy.filters.http.router']);
  const disabled = { '@type': 'type.googleapis.com/envoy.config.route.v3.FilterConfig', disabled: true };
  expect(
    routesOf(options).map(
      ({ typed_per_filter_config: config }) => (config as Record<string, unknown>)['envoy.filters.http.cors'],
    ),
  ).toEqual([
    expect.objectContaining({ allow_origin_string_match: [{ exact: 'https://a.example' }] }),
    expect.objectContaining({ allow_origin_string_match: [{ exact: 'https://b.example' }] }),
    disabled,
    disabled,
  ]);
});

test('a feature that is off everywhere leaves no trace', () => {
  expect(assemble({ ...plain, cors: false, routes: [{ path: '/a', cors: false }] }).bootstrap).toEqual(
    assemble({ ...plain, routes: [{ path: '/a' }] }).bootstrap,
  );
});

const form = "must start with '/' and hold no space, no '#' and ASCII alone";
test.each<[object[], string]>([
  [[{ path: 'a' }], `routes[0].path ${form}, got "a"; write for example '/health'`],
  [[{ path: '/a' }, { path: '/a b' }], `routes[1].path ${form}, got "/a b"; write for example '/health'`],
  [
    [{ path: '/' }],
    "routes[0].path must not end with '/' and hold no '?', got \"/\"; write for example '/api'; all paths have the options of the proxy",
  ],
  [
    [{ path: '/a?b' }],
    "routes[0].path must not end with '/' and hold no '?', got \"/a?b\"; write for example '/api'; all paths have the options of the proxy",
  ],
  [[{ path: '/a' }, { path: '/a' }], 'routes[1].path is also that of routes[0], got "/a"; make one of them'],
  [
    [{ path: '/a', timeouts: { request: '5' } }],
    `routes[0].timeouts.request must be a number with a unit (ms, s, m or h), got "5"; write for example '250ms' or '15s'`,
  ],
  [
    [{ path: '/a', cors: {} }],
    `routes[0].cors.origins must name a site, got []; write for example ['https://example.com']`,
  ],
  [
    [{ path: '/a', timeout: '5s' }],
    'routes[0].timeout is not an option, got "5s"; the features are cors, rateLimit, timeouts, retries',
  ],
])('refuses %j', (routes, message) => {
  expect(() => assemble({ upstream, routes: routes as never })).toThrow(new Error(message));
});
