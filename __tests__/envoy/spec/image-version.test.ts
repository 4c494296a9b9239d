import { proxySpec } from '../../../envoy';
import { NEWEST_PATCHES } from '../../../envoy/messages/schema/envoy-patches';
import { resolveEnvoyVersion } from '../../../envoy/spec/image-version';

test.each([
  ['envoyproxy/envoy:v1.37.0', '1.37'],
  ['envoyproxy/envoy:v1.40.0', '1.40'],
  ['envoyproxy/envoy:v1.38-latest', '1.38'],
  ['envoyproxy/envoy:distroless-v1.38.2', '1.38'],
  ['envoyproxy/envoy:contrib-v1.37.1', '1.37'],
  ['registry.example:5000/mirror/envoy:1.38.2@sha256:abc', '1.38'],
  ['envoyproxy/envoy:1.40', '1.40'],
])('the tag of %s tells of Envoy %s', (image, version) => {
  expect(resolveEnvoyVersion(image, undefined)).toBe(version);
});

test.each([
  'envoyproxy/envoy',
  'envoyproxy/envoy:dev',
  'envoyproxy/envoy@sha256:1.37',
  'registry.example:1.37/envoy',
  'mine:20261125',
  '${TfToken[TOKEN.1]}',
])('where %s tells nothing, it is that of the default image', (image) => {
  expect(resolveEnvoyVersion(image, undefined)).toBe('1.39');
});

test('of a newer Envoy than is known, the newest that is known counts', () => {
  expect(resolveEnvoyVersion('envoyproxy/envoy:v1.57.0', undefined)).toBe('1.40');
  expect(resolveEnvoyVersion('envoyproxy/envoy:v2.0.0', undefined)).toBe('1.40');
});

test('what is said counts, whatever the tag', () => {
  expect(resolveEnvoyVersion('mine:v1.2', '1.38')).toBe('1.38');
});

test('an older one is refused', () => {
  expect(() => resolveEnvoyVersion('envoyproxy/envoy:v1.36.4', undefined)).toThrow(
    new Error(
      `image must have Envoy 1.37 or later, and its tag tells of an older one, got "envoyproxy/envoy:v1.36.4"; choose a later one, or say what is in it: envoyVersion: '1.40'`,
    ),
  );
});

test('an unknown version is refused', () => {
  expect(() => resolveEnvoyVersion('envoy', '1.36' as never)).toThrow(
    new Error("envoyVersion must be one of '1.37', '1.38', '1.39', '1.40', got \"1.36\"; choose one of these"),
  );
});

test.each([
  ['envoyproxy/envoy:v1.39.3', '1.39.3', '1.39'],
  ['envoyproxy/envoy:contrib-v1.37.1', '1.37.1', '1.37'],
  ['registry.example:5000/envoyproxy/envoy:v1.40.0@sha256:abc', '1.40.0', '1.40'],
] as const)('%s is a warning, since it lacks security fixes', (image, patch, minor) => {
  const newest = NEWEST_PATCHES[minor];
  expect(proxySpec({ upstream: { host: 'api', port: 80 }, image }).warnings).toEqual([
    `image has Envoy ${patch}, which lacks the security fixes up to ${newest}. Choose v${newest}, or leave image out.`,
  ]);
});

test.each([
  undefined,
  ...Object.values(NEWEST_PATCHES).map((newest) => `envoyproxy/envoy:v${newest}`),
  'envoyproxy/envoy:v1.39.99',
  'envoyproxy/envoy:v1.39-latest',
  'envoyproxy/envoy:v1.57.0',
  'mine/envoy:v1.39.3',
  '${TfToken[TOKEN.1]}',
])('%s is none', (image) => {
  expect(proxySpec({ upstream: { host: 'api', port: 80 }, ...(image && { image }) }).warnings).toEqual([]);
});

test('the default image is the newest known patch of the default minor', () => {
  expect(proxySpec({ upstream: { host: 'api', port: 80 } }).image).toBe(`envoyproxy/envoy:v${NEWEST_PATCHES['1.39']}`);
});
