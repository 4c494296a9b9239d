import { assemble, type EnvoyOptions } from '../../../envoy';
import { type RequestBufferingOptions, requestBuffering } from '../../../envoy/features/request-buffering';
import { managerOf } from '../../helpers';

const upstream = { host: 'api', port: 8080 };

interface Wrapped {
  readonly extension_config: {
    readonly typed_config: {
      readonly max_request_bytes?: number;
      readonly gradient_controller_config?: {
        readonly concurrency_limit_params: { readonly max_concurrency_limit?: number };
        readonly min_rtt_calc_params: { readonly min_concurrency?: number };
      };
    };
  };
}

function wrapped(options: Partial<EnvoyOptions>): Wrapped['extension_config']['typed_config'][] {
  const filters = managerOf(assemble({ upstream, ...options }).bootstrap).http_filters ?? [];
  return filters
    .filter(({ typed_config }) => typed_config?.['@type'].endsWith('ExtensionWithMatcher'))
    .map(({ typed_config }) => (typed_config as unknown as Wrapped).extension_config.typed_config);
}

/** The two bounds between which the filter could move its limit. */
function streamed(options: Partial<EnvoyOptions>) {
  const [, limit] = wrapped(options);
  const { concurrency_limit_params: highest, min_rtt_calc_params: lowest } = limit?.gradient_controller_config ?? {};
  return [lowest?.min_concurrency, highest?.max_concurrency_limit];
}

test('is on by default, with 16 KiB', () => {
  expect(requestBuffering.onByDefault).toBe(true);
  expect(wrapped({})[0]?.max_request_bytes).toBe(16_384);
});

test('size', () => {
  expect(wrapped({ requestBuffering: { maxSize: '64KiB' } })[0]?.max_request_bytes).toBe(65_536);
});

test('refused requests get 429, which is no failure to admissionControl', () => {
  expect(wrapped({})[1]).toMatchObject({ concurrency_limit_exceeded_status: { code: 'TooManyRequests' } });
});

test.each<[string, Partial<EnvoyOptions>, number]>([
  ['half of the default connections', {}, 512],
  ['half of the connections', { circuitBreaker: { maxConnections: 20 } }, 10],
  ['half of the requests, if they are fewer', { circuitBreaker: { maxConnections: 20, maxRequests: 8 } }, 4],
  ['at least one', { circuitBreaker: { maxConnections: 1 } }, 1],
  ['half of the connections to one host', { circuitBreaker: { maxConnectionsPerHost: 10 } }, 5],
  [
    'half of the connections to all hosts',
    { circuitBreaker: { maxConnectionsPerHost: 10 }, upstream: { ...upstream, replicas: 3 } },
    15,
  ],
  ["half of Envoy's own bounds without circuitBreaker", { circuitBreaker: false }, 512],
  [
    'half of what the weakest upstream bears',
    {
      upstreams: { billing: { host: 'billing', port: 80, circuitBreaker: { maxConnections: 6 } } },
      routes: [{ path: '/billing', upstream: 'billing' }],
    },
    3,
  ],
  ['maxStreamed', { requestBuffering: { maxStreamed: 7 } }, 7],
])('at most this many requests are streamed at once: %s', (_, options, limit) => {
  expect(streamed(options)).toEqual([limit, limit]);
});

test.each<[RequestBufferingOptions, string]>([
  [
    { maxSize: '1MiB' },
    'requestBuffering.maxSize must be less than 1MiB, got "1MiB"; use bodyLimit, which holds and bounds all bodies',
  ],
  [
    { maxStreamed: 0 },
    'requestBuffering.maxStreamed must be a whole number from 1 to 2147483647, got 0; write it as a literal number in that range',
  ],
  [{ streamed: true } as never, 'requestBuffering.streamed is not an option, got true; remove it'],
])('refuses %j', (options, message) => {
  expect(() => requestBuffering.proxy(options)).toThrow(new Error(message));
});

test('refuses to stream as many requests as an upstream takes', () => {
  const options = { circuitBreaker: { maxConnections: 20 }, requestBuffering: { maxStreamed: 20 } };
  expect(() => assemble({ upstream, ...options })).toThrow(
    new Error(
      'requestBuffering.maxStreamed must be less than circuitBreaker lets an upstream have at once (20), or slow bodies take all of it, got 20; lower it, or raise circuitBreaker.maxConnections and circuitBreaker.maxRequests',
    ),
  );
});

test('a route can only turn it off', () => {
  const routes = [{ path: '/upload', requestBuffering: { maxSize: '1KiB' } as never }];
  expect(() => assemble({ upstream, routes })).toThrow(
    'routes[0].requestBuffering must be false, got {"maxSize":"1KiB"}; leave it out',
  );
});
