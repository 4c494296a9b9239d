import { assemble, type EnvoyOptions } from '../../../envoy';
import { managerOf } from '../../helpers';

const MIB = 1_024 ** 2;
const upstream = { host: 'api', port: 8080 };
const perClient = { perClient: '100/min' } as const;
const perHeader = { total: '1000/s', perHeader: { name: 'x-api-key', rate: '100/min' } } as const;
const routes = (count: number, rateLimit: EnvoyOptions['rateLimit'] = perClient) =>
  Array.from({ length: count }, (_, index) => ({ path: `/${index}`, rateLimit }));

/** The bound of each filter that counts, by the end of its name. */
function bounds(options: Partial<EnvoyOptions>): Record<string, number | undefined> {
  const filters = managerOf(assemble({ upstream, ...options }).bootstrap).http_filters ?? [];
  const counting = filters.filter(({ name }) => name.startsWith('envoy.filters.http.local_ratelimit'));
  return Object.fromEntries(
    counting.map(({ name, typed_config }) => [
      name.slice('envoy.filters.http.local_ratelimit'.length),
      (typed_config as { max_dynamic_descriptors?: number }).max_dynamic_descriptors,
    ]),
  );
}

const heap = (mebibytes: number) => ({ limits: { maxHeapSize: `${mebibytes}MiB` as const } });

describe('counters of all rate limits take a quarter of the heap', () => {
  test.each<[string, Partial<EnvoyOptions>, Record<string, number>]>([
    ['one limit for each client', { ...heap(160), rateLimit: perClient }, { '': Math.floor((40 * MIB) / 700) }],
    ['one limit for each header value', { ...heap(160), rateLimit: perHeader }, { '': Math.floor((40 * MIB) / 1_212) }],
    [
      'both in one filter',
      { ...heap(160), rateLimit: { ...perClient, ...perHeader } },
      { '': Math.floor((40 * MIB) / (700 + 1_212)) },
    ],
    [
      'a limit that routes have of their own',
      { ...heap(160), rateLimit: perClient, routes: routes(3) },
      Object.fromEntries(['', './0', './1', './2'].map((name) => [name, Math.floor((10 * MIB) / 700)])),
    ],
    [
      'limits before and after authentication',
      {
        ...heap(160),
        rateLimit: perClient,
        basicAuth: { users: { anna: 'not-a-real-password' } },
        identityRateLimit: { perUser: '10/s' },
      },
      { '': Math.floor((40 * MIB) / (700 + 1_212)), '.identity': Math.floor((40 * MIB) / (700 + 1_212)) },
    ],
    [
      'what one with clients of its own leaves',
      {
        ...heap(160),
        rateLimit: { ...perClient, maxTrackedClients: 10_000 },
        routes: [{ path: '/0', rateLimit: perHeader }],
      },
      // The route has the client's rate and number, too.
      { '': 10_000, './0': 10_000 },
    ],
    ['10 MiB where the heap has no bound', { rateLimit: perClient }, { '': Math.floor((10 * MIB) / 700) }],
    [
      'at least 1,000 each where the heap has no bound',
      { rateLimit: perClient, routes: routes(99) },
      { './42': 1_000 },
    ],
  ])('%s', (_, options, expected) => {
    expect(bounds(options)).toMatchObject(expected);
  });

  test('a rate for all alone counts no values', () => {
    expect(bounds({ ...heap(1), rateLimit: '10/s' })).toEqual({ '': undefined });
  });

  test("a user's own filter keeps its bound", () => {
    const own = {
      name: 'envoy.filters.http.local_ratelimit.own',
      typed_config: {
        '@type': 'type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit' as const,
        stat_prefix: 'own',
        descriptors: [
          {
            entries: [{ key: 'masked_remote_address' }],
            token_bucket: { max_tokens: 1, fill_interval: '1s' as const },
          },
        ],
      },
    };
    expect(bounds({ ...heap(160), custom: [{ httpFilters: [own] }] })).toEqual({ '.own': undefined });
  });
});

describe('refuses counters that do not fit', () => {
  test.each<[string, Partial<EnvoyOptions>, string]>([
    [
      'more clients than the heap has room for',
      { ...heap(160), rateLimit: { ...perClient, maxTrackedClients: 100_000 } },
      'rateLimit.maxTrackedClients must leave the heap free: the counters of all rate limits may take a quarter of limits.maxHeapSize, 40MiB, and need 67MiB, got 100000; lower it, or raise limits.maxHeapSize to 268MiB (EnvoySidecar: memory to 446MiB)',
    ],
    [
      'clients of the proxy that each route has again',
      { ...heap(160), rateLimit: { ...perClient, maxTrackedClients: 20_000 }, routes: routes(3) },
      'rateLimit.maxTrackedClients must leave the heap free: the counters of all rate limits may take a quarter of limits.maxHeapSize, 40MiB, and need 54MiB, got 20000; lower it, or raise limits.maxHeapSize to 214MiB (EnvoySidecar: memory to 357MiB)',
    ],
    [
      'clients of a route',
      { ...heap(160), routes: [...routes(1), { path: '/b', rateLimit: { ...perClient, maxTrackedClients: 100_000 } }] },
      'routes[1].rateLimit.maxTrackedClients must leave the heap free: the counters of all rate limits may take a quarter of limits.maxHeapSize, 40MiB, and need 68MiB, got 100000; lower it, or raise limits.maxHeapSize to 270MiB (EnvoySidecar: memory to 450MiB)',
    ],
    [
      'rates on too many routes',
      { ...heap(160), routes: routes(100) },
      'rateLimit must leave the heap free: the counters of all rate limits may take a quarter of limits.maxHeapSize, 40MiB, and need 67MiB, got "100 rate limits with at least 1000 clients each"; give fewer routes rates, or raise limits.maxHeapSize to 268MiB (EnvoySidecar: memory to 446MiB)',
    ],
  ])('%s', (_, options, message) => {
    expect(() => assemble({ upstream, ...options })).toThrow(new Error(message));
  });

  test('where the heap has no bound, any number of clients is believed', () => {
    expect(bounds({ rateLimit: { ...perClient, maxTrackedClients: 10_000_000 } })).toEqual({ '': 10_000_000 });
  });
});
