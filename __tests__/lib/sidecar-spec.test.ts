import { assemble, type EnvoyOptions, type ProxySpec, toYaml } from '../../envoy';
import { sidecarSpec } from '../../lib/sidecar-spec';

const upstream = { host: 'api', port: 8080 };
const yamlOf = (spec: ProxySpec) => spec.files[0]?.content;
const written = (options: Partial<EnvoyOptions>) => toYaml(assemble({ upstream, ...options }).bootstrap);

test.each([
  ['256MiB', '235929KiB'],
  ['1GiB', '943718KiB'],
  ['64MiB', '58982KiB'],
] as const)('of %s the heap of Envoy gets nine tenths: %s', (memory, heap) => {
  expect(yamlOf(sidecarSpec({}, upstream, memory, false))).toBe(written({ limits: { heap } }));
});

test('limits beside the heap leave it as it is', () => {
  expect(yamlOf(sidecarSpec({ limits: { connections: 5 } }, upstream, '256MiB', false))).toBe(
    written({ limits: { heap: '235929KiB', connections: 5 } }),
  );
});

test('the heap can be another, or without a bound', () => {
  expect(yamlOf(sidecarSpec({ limits: { heap: '100MiB' } }, upstream, '256MiB', false))).toBe(
    written({ limits: { heap: '100MiB' } }),
  );
  expect(yamlOf(sidecarSpec({ limits: false }, upstream, '256MiB', false))).toBe(written({ limits: false }));
});

test('the health path of the upstream is checked', () => {
  const heap = '235929KiB';
  const healthy = { ...upstream, healthPath: '/health' };
  const yaml = (options: object) => yamlOf(sidecarSpec(options, healthy, '256MiB', false));
  const check = (path: string, more = {}) =>
    written({ limits: { heap }, upstream: { ...upstream, healthCheck: { path, ...more } } });
  expect(yaml({})).toBe(check('/health'));
  expect(yaml({ healthCheck: { interval: '3s' } })).toBe(check('/health', { interval: '3s' }));
  expect(yaml({ healthCheck: { path: '/deep' } })).toBe(check('/deep'));
  expect(yaml({ healthCheck: false })).toBe(written({ limits: { heap } }));
});

test('what runs it is passed on', () => {
  const spec = sidecarSpec({ image: 'mine:1', concurrency: 3, drain: '7s', port: 9000 }, upstream, '256MiB', false);
  expect(spec).toMatchObject({ image: 'mine:1', concurrency: 3, drainSeconds: 7 });
  expect(spec.ports[0]).toEqual({ name: 'http', port: 9000 });
});
