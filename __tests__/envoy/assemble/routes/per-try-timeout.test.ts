import { assemble, type EnvoyOptions, type ProxyOptions, type RouteRule } from '../../../../envoy';

const upstream = { host: 'api', port: 8080 };
const withFallback = [upstream, { service: { host: 'spare', port: 8080 }, fallback: true }];

/** The time of all tries and of each, by route: first of methods that may be repeated, then of all others. */
function times(options: Partial<EnvoyOptions>) {
  const manager = assemble({ upstream, ...options }).bootstrap.static_resources?.listeners?.[0]?.filter_chains?.[0]
    ?.filters?.[0]?.typed_config as unknown as {
    route_config: { virtual_hosts: { routes: { route: Record<string, never> & { retry_policy?: never } }[] }[] };
  };
  return manager.route_config.virtual_hosts[0]?.routes.map(({ route }) => {
    const { timeout, retry_policy, hedge_policy } = route as {
      timeout?: string;
      retry_policy?: { per_try_timeout?: string };
      hedge_policy?: object;
    };
    return [timeout, retry_policy?.per_try_timeout, hedge_policy !== undefined];
  });
}

const OTHERS = (timeout: string | undefined) => [timeout, undefined, false];

test('without a fallback, no try is repeated because it is slow', () => {
  expect(times({})).toEqual([OTHERS('15s'), OTHERS('15s')]);
  expect(times({ retries: { retryOn: ['reset', '5xx'] } })).toEqual([OTHERS('15s'), OTHERS('15s')]);
  expect(times({ timeouts: false })?.[0]).toEqual(OTHERS(undefined));
});

test('with a fallback, which may do better, each has a fourth, or more with fewer tries', () => {
  const withSpare = (numRetries: number) =>
    times({
      upstream: withFallback,
      retries: { numRetries },
    })?.[0];
  expect([1, 2, 3, 100].map(withSpare)).toEqual([
    ['15s', '7.5s', true],
    ['15s', '5s', true],
    ['15s', '3.75s', true],
    ['15s', '3.75s', true],
  ]);
});

test('a route has the times of its own', () => {
  expect(
    times({
      upstream: withFallback,
      timeouts: { request: '8s' },
      routes: [
        { path: '/slow', timeouts: { request: '2m' } },
        { path: '/never', retries: false },
      ],
    }),
  ).toEqual(
    expect.arrayContaining([
      ['120s', '30s', true],
      ['8s', '2s', true],
    ]),
  );
});

test('as long as it was said', () => {
  expect(times({ retries: { perTryTimeout: '3s' } })).toEqual([['15s', '3s', true], OTHERS('15s')]);
  expect(times({ retries: { perTryTimeout: '3750ms' } })?.[0]).toEqual(['15s', '3.75s', true]);
});

test('a stream has none, but one that was asked for', () => {
  expect(times({ upstream: withFallback, timeouts: { request: '0s' } })).toEqual([OTHERS('0s'), OTHERS('0s')]);
  expect(times({ timeouts: { request: '0s' }, retries: { perTryTimeout: '20s' } })?.[0]).toEqual(['0s', '20s', true]);
});

test("'0s' waits for the one that has it", () => {
  expect(times({ upstream: withFallback, retries: { perTryTimeout: '0s' } })).toEqual([OTHERS('15s'), OTHERS('15s')]);
});

test("without timeouts it is Envoy's own time", () => {
  expect(times({ upstream: withFallback, timeouts: false })?.[0]).toEqual([undefined, '3.75s', true]);
});

test('where nothing is tried again after a time-out, there is nothing to bound', () => {
  expect(times({ retries: { retryOnIdempotent: [] } })).toEqual([OTHERS('15s')]);
  expect(times({ retries: { retryOnIdempotent: ['connect-failure'], perTryTimeout: '1s' } })?.[0]).toEqual(
    OTHERS('15s'),
  );
  expect(times({ retries: false })).toEqual([OTHERS('15s')]);
});

test.each(['reset', '5xx', 'gateway-error'] as const)('POST that is tried again on %s has it, too', (on) => {
  expect(times({ retries: { retryOn: [on], perTryTimeout: '3s' } })?.[1]).toEqual(['15s', '3s', true]);
});

test('what custom fragments say of a try stays', () => {
  const route = { action: { retry_policy: { per_try_timeout: '9s' as const } } };
  const { bootstrap } = assemble({ upstream, custom: [{ route }] });
  expect(JSON.stringify(bootstrap).match(/"per_try_timeout":"9s"/g)).toHaveLength(2);
});

test.each<[ProxyOptions & { readonly routes?: readonly RouteRule[] }, string]>([
  [
    { retries: { perTryTimeout: '4s' } },
    'retries.perTryTimeout must leave time for 4 tries within the 15s of timeouts, got "4s"; lower it or numRetries, or raise that',
  ],
  [
    { retries: { perTryTimeout: '3s' }, routes: [{ path: '/a', timeouts: { request: '5s' } }] },
    'retries.perTryTimeout must leave time for 4 tries within the 5s of routes[0].timeouts, got "3s"; lower it or numRetries, or raise that',
  ],
  [
    { routes: [{ path: '/a', retries: { numRetries: 9, perTryTimeout: '2s' } }] },
    'routes[0].retries.perTryTimeout must leave time for 10 tries within the 15s of timeouts, got "2s"; lower it or numRetries, or raise that',
  ],
  [
    { timeouts: false, retries: { perTryTimeout: '10s' } },
    'retries.perTryTimeout must leave time for 4 tries within the 15s of Envoy, got "10s"; lower it or numRetries, or raise that',
  ],
])('refuses %j', (options, message) => {
  expect(() => assemble({ upstream, ...options })).toThrow(new Error(message));
});
