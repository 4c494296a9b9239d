import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assemble, type EnvoyOptions, type ProxyOptions, toYaml } from '../../envoy';
import type { features } from '../../envoy/features';

const FOLDER = join(__dirname, '../golden');
const upstream = { host: 'api', port: 8080 };

/** Asks for every option of every feature, so that the scenario with all of them can't miss a new one. */
type EveryOption = {
  readonly [Name in keyof typeof features]: Required<Exclude<ProxyOptions[Name], false | undefined>>;
};
const everyOption: EveryOption = {
  accessLog: { query: true },
  adminView: { port: 9000 },
  limits: { connections: 1000, concurrentStreams: 50, connectionBuffer: '64KiB', heap: '200MiB' },
  pathNormalization: { escapedSlashes: 'reject', mergeSlashes: false },
  headers: { underscores: 'drop' },
  timeouts: {
    request: '60s',
    requestHeaders: '5s',
    requestBody: '2m',
    streamIdle: '1m',
    idle: '10m',
    connect: '500ms',
  },
  retries: {
    attempts: 2,
    backOff: '100ms',
    maxBackOff: '2s',
    on: ['connect-failure'],
    onIdempotent: ['reset', 'gateway-error'],
    concurrent: 64,
    body: '64KiB',
  },
  discovery: { type: 'LOGICAL_DNS', family: 'V4_ONLY', refresh: '10s' },
  healthCheck: { path: '/ready', interval: '3s', timeout: '500ms', unhealthyThreshold: 3, healthyThreshold: 2 },
};

const scenarios: Record<string, EnvoyOptions> = {
  minimal: { upstream },
  everything: { upstream, port: 9443, ...everyOption },
  'no-features': {
    upstream: { host: '10.0.0.5', port: 8080 },
    accessLog: false,
    adminView: false,
    limits: false,
    pathNormalization: false,
    headers: false,
    timeouts: false,
    retries: false,
    discovery: false,
    healthCheck: false,
  },
  // What the post sets out for its API, in our words.
  'the-post': {
    upstream: {
      ...upstream,
      discovery: { type: 'LOGICAL_DNS', family: 'V4_ONLY' },
      healthCheck: { path: '/health', timeout: '100ms', interval: '3s', unhealthyThreshold: 3, healthyThreshold: 1 },
    },
    timeouts: { connect: '250ms' },
  },
  // What a sidecar with `isolation: 'pod'` makes of its options.
  pod: {
    upstream: { host: '127.0.0.1', port: 8080, healthCheck: { path: '/health' } },
    discovery: { type: 'STATIC' },
    limits: { heap: '235929KiB' },
    retries: { attempts: 100, backOff: '100ms', maxBackOff: '500ms', onIdempotent: [] },
  },
  // The last word: a second cluster and a changed time-out.
  patched: {
    upstream,
    patch: (bootstrap) => ({
      ...bootstrap,
      static_resources: {
        ...bootstrap.static_resources,
        clusters: [
          ...(bootstrap.static_resources?.clusters ?? []).map((cluster) => ({ ...cluster, connect_timeout: '9s' })),
          { name: 'other', type: 'STATIC' },
        ],
      },
    }),
  },
};

test.each(Object.entries(scenarios))('%s is written as its file says', (name, options) => {
  const file = join(FOLDER, `${name}.yaml`);
  const yaml = toYaml(assemble(options).bootstrap);
  if (process.env.UPDATE_GOLDEN === '1') {
    writeFileSync(file, yaml);
  }
  expect(yaml).toBe(readFileSync(file, 'utf8'));
});

test('every file belongs to a scenario', () => {
  expect(readdirSync(FOLDER).sort()).toEqual(
    Object.keys(scenarios)
      .map((name) => `${name}.yaml`)
      .sort(),
  );
});
