import { assemble, proxySpec } from '../../../envoy';
import { type BodyLimitOptions, bodyLimit } from '../../../envoy/features/body-limit';
import { IS_UPGRADE, skipFilterFor } from '../../../envoy/features/shared/filter-matcher';
import { extension } from '../../../envoy/messages/builders';

// Skipped for upgrades, whose bytes are no body.
const buffer = (max_request_bytes: number, name = '') =>
  skipFilterFor(
    IS_UPGRADE,
    `envoy.filters.http.buffer${name}`,
    extension('buffer', 'envoy.extensions.filters.http.buffer.v3.Buffer', { max_request_bytes }),
  );

const streamed = (max_request_bytes: number, name = '') =>
  skipFilterFor(
    IS_UPGRADE,
    `envoy.filters.http.body_size_limit${name}`,
    extension('limit', 'envoy.extensions.filters.http.body_size_limit.v3.BodySizeLimit', { max_request_bytes }),
  );

const config = (content: object) => ({ '@type': 'type.googleapis.com/envoy.config.route.v3.FilterConfig', ...content });

test('is off by default, since only the API knows how large uploads are', () => {
  expect(bodyLimit).not.toHaveProperty('onByDefault');
});

test.each<['10MiB' | BodyLimitOptions, object]>([
  ['10MiB', buffer(10_485_760)],
  [{ maxSize: '1KiB' }, buffer(1_024)],
  [{ maxSize: '1KiB', streaming: true }, streamed(1_024)],
])('%j', (options, filter) => {
  expect(bodyLimit.proxy(options)).toEqual({ httpFilters: [filter] });
});

test('on a route alone', () => {
  expect(bodyLimit.route('1KiB', { name: 'up', servers: [] })).toEqual({
    httpFilters: [{ ...buffer(1_024, '.up'), disabled: true }],
    route: { typed_per_filter_config: { 'envoy.filters.http.buffer.up': config({ config: {} }) } },
  });
});

test("on a route, in place of the proxy's", () => {
  expect(bodyLimit.route({ streaming: true }, { inherited: '2KiB', name: 'up', servers: [] })).toEqual({
    httpFilters: [{ ...streamed(2_048, '.up'), disabled: true }],
    route: {
      typed_per_filter_config: {
        'envoy.filters.http.body_size_limit.up': config({ config: {} }),
        'envoy.filters.http.buffer': config({ disabled: true }),
      },
    },
  });
});

test('streaming needs Envoy 1.40', () => {
  const options = { upstream: { host: 'api', port: 80 }, bodyLimit: { maxSize: '1KiB', streaming: true } } as const;
  expect(() => proxySpec({ ...options, envoyVersion: '1.39' })).toThrow(
    'BodySizeLimit needs Envoy 1.40 or later, this is checked for 1.39',
  );
  expect(proxySpec({ ...options, envoyVersion: '1.40' }).warnings).toEqual([]);
});

test.each<[BodyLimitOptions, string]>([
  [{}, `bodyLimit.maxSize is needed, got undefined; write for example '10MiB'`],
  [{ maxSize: '4GiB' }, `bodyLimit.maxSize must be less than 4GiB, got "4GiB"; write for example '10MiB'`],
  [
    { maxSize: '10MB' as never },
    `bodyLimit.maxSize must be a number above zero with a unit (KiB, MiB or GiB), got "10MB"; write for example '256MiB'`,
  ],
  [{ maxSize: '1KiB', response: 1 } as never, 'bodyLimit.response is not an option, got 1; remove it'],
])('refuses %j', (options, message) => {
  expect(() => bodyLimit.proxy(options)).toThrow(new Error(message));
});

test('refuses a route without a size anywhere', () => {
  const routes = [{ path: '/up', bodyLimit: { streaming: true } }];
  expect(() => assemble({ upstream: { host: 'api', port: 80 }, routes })).toThrow(
    new Error(`routes[0].bodyLimit.maxSize is needed, got undefined; write for example '10MiB'`),
  );
});
