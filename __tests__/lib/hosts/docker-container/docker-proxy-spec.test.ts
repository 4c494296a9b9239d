import { assemble, type EnvoyOptions, type LimitOptions, type ProxySpec, toYaml } from '../../../../envoy';
import { dockerProxySpec } from '../../../../lib/hosts/docker-container/docker-proxy-spec';

const upstream = { host: 'api', port: 8080 };
const yamlOf = (spec: ProxySpec) => spec.files[0]?.content;
const written = (options: Partial<EnvoyOptions>) => toYaml(assemble({ upstream, ...options }).bootstrap);

const OF_256_MIB = { maxHeapSize: '157286KiB', maxConnections: 2_048 } as const;

test.each([
  ['32MiB', '19660KiB', 256],
  ['64MiB', '39321KiB', 512],
  ['1GiB', '629145KiB', 8_192],
  ['4GiB', '2516582KiB', 8_192],
] as const)(
  'of %s the heap of Envoy gets 60 %%, %s, and %i connections are allowed',
  (memory, maxHeapSize, maxConnections) => {
    expect(yamlOf(dockerProxySpec({}, upstream, memory, false))).toBe(
      written({ limits: { maxHeapSize, maxConnections } }),
    );
  },
);

test('limits beside these leave them as they are, and each can be another', () => {
  const of = (limits: LimitOptions) => yamlOf(dockerProxySpec({ limits }, upstream, '256MiB', false));
  expect(of({ maxRequestHeaders: 5 })).toBe(written({ limits: { ...OF_256_MIB, maxRequestHeaders: 5 } }));
  expect(of({ maxConnections: 9_000 })).toBe(written({ limits: { ...OF_256_MIB, maxConnections: 9_000 } }));
  expect(of({ maxHeapSize: '100MiB' })).toBe(written({ limits: { ...OF_256_MIB, maxHeapSize: '100MiB' } }));
});

test('without limits there are none', () => {
  expect(yamlOf(dockerProxySpec({ limits: false }, upstream, '256MiB', false))).toBe(written({ limits: false }));
});

test('the health path of the upstream is checked', () => {
  const healthy = { ...upstream, healthPath: '/health' };
  const yaml = (options: object) => yamlOf(dockerProxySpec(options, healthy, '256MiB', false));
  const check = (path: string, more = {}) =>
    written({ limits: OF_256_MIB, upstream: { ...upstream, healthCheck: { path, ...more } } });
  expect(yaml({})).toBe(check('/health'));
  expect(yaml({ healthCheck: { interval: '3s' } })).toBe(check('/health', { interval: '3s' }));
  expect(yaml({ healthCheck: { path: '/deep' } })).toBe(check('/deep'));
  expect(yaml({ healthCheck: false })).toBe(written({ limits: OF_256_MIB }));
});

test('what runs it is passed on', () => {
  const spec = dockerProxySpec(
    { image: 'mine:1', concurrency: 3, drainTime: '7s', port: 9000 },
    upstream,
    '256MiB',
    false,
  );
  expect(spec).toMatchObject({ image: 'mine:1', concurrency: 3, drainSeconds: 7 });
  expect(spec.ports[0]).toEqual({ name: 'http', port: 9000 });
});
