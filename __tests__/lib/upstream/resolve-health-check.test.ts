import { resolveHealthCheck, withHealthPath } from '../../../lib/upstream/resolve-health-check';

const PATH = { path: '/sidecar' };
const TCP = { tcp: true } as const;
const GRPC = { grpc: {} };
const INTERVAL = { interval: '3s' } as const;
const HEALTH_PATH = { path: '/up' };

type Option = Parameters<typeof withHealthPath>[0];

describe('the health check of a further upstream', () => {
  // `undefined` leaves the decision to the sidecar's option.
  test.each<[sidecar: Option, own: Option, healthPath: string, fallback: string, expected: Option]>([
    [undefined, undefined, '      ', '        ', false],
    [undefined, undefined, '      ', 'fallback', TCP],
    [undefined, undefined, '/up   ', '        ', HEALTH_PATH],
    [undefined, undefined, '/up   ', 'fallback', HEALTH_PATH],
    [undefined, INTERVAL, '/up   ', '        ', { ...HEALTH_PATH, ...INTERVAL }],
    [undefined, INTERVAL, '      ', 'fallback', { ...TCP, ...INTERVAL }],
    [undefined, INTERVAL, '      ', '        ', INTERVAL],
    [undefined, GRPC, '/up   ', 'fallback', GRPC],
    [undefined, false, '/up   ', 'fallback', false],
    [INTERVAL, undefined, '      ', '        ', false],
    [INTERVAL, undefined, '      ', 'fallback', TCP],
    [INTERVAL, undefined, '/up   ', '        ', HEALTH_PATH],
    [PATH, undefined, '      ', '        ', undefined],
    [PATH, undefined, '      ', 'fallback', undefined],
    [PATH, undefined, '/up   ', '        ', HEALTH_PATH],
    [PATH, TCP, '/up   ', '        ', TCP],
    [TCP, undefined, '      ', '        ', undefined],
    [TCP, undefined, '/up   ', 'fallback', undefined],
    [TCP, INTERVAL, '/up   ', '        ', INTERVAL],
    [GRPC, undefined, '/up   ', '        ', undefined],
    [GRPC, HEALTH_PATH, '      ', '        ', HEALTH_PATH],
    [false, undefined, '/up   ', 'fallback', undefined],
    [false, INTERVAL, '/up   ', '        ', INTERVAL],
  ])('sidecar %j, own %j, healthPath %s, %s: %j', (sidecar, own, path, fallback, expected) => {
    const healthPath = path.trim() === '' ? undefined : path.trim();
    const hasFallback = fallback === 'fallback';
    expect(resolveHealthCheck({ sidecar, own, healthPath, hasFallback })).toEqual(expected);
  });
});

describe('the health check of the sidecar', () => {
  test.each<[sidecar: Option, healthPath: string | undefined, expected: Option]>([
    [undefined, undefined, undefined],
    [undefined, '/up', HEALTH_PATH],
    [INTERVAL, '/up', { ...HEALTH_PATH, ...INTERVAL }],
    [INTERVAL, undefined, INTERVAL],
    [PATH, '/up', PATH],
    [TCP, '/up', TCP],
    [GRPC, '/up', GRPC],
    [false, '/up', false],
  ])('option %j, healthPath %j: %j', (sidecar, healthPath, expected) => {
    expect(withHealthPath(sidecar, healthPath)).toEqual(expected);
  });
});
