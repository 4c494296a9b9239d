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
  cors: {
    origins: ['https://app.example.com'],
    methods: ['PUT', 'DELETE'],
    headers: ['authorization'],
    expose: ['x-request-id'],
    credentials: true,
    maxAge: '1h',
  },
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
  circuitBreaker: { connections: 100, pendingRequests: 200, requests: 300, connectionsPerHost: 50 },
  outlierDetection: {
    consecutive5xx: 10,
    consecutiveGatewayFailures: 4,
    interval: '5s',
    ejectionTime: '10s',
    maxEjectionTime: '2m',
    maxEjectedPercent: 30,
  },
  loadBalancing: { hashOn: { cookie: 'replica', ttl: '1h' }, policy: 'ringHash', panic: false, slowStart: '30s' },
  upstreamTls: {
    trustedCa: { file: '/etc/ssl/certs/ca-certificates.crt' },
    serverName: 'api.internal',
    certificate: { chain: '/tls/sidecar.pem', key: '/tls/sidecar.key' },
    insecureSkipVerify: false,
  },
};

// Two policies have a slow start, the other two a hash.
const { slowStart, ...loadBalancing } = everyOption.loadBalancing;
// Envoy looks for the files of its own certificate, which aren't there when the goldens are shown to it.
const { certificate: _, ...upstreamTls } = everyOption.upstreamTls;

const scenarios: Record<string, EnvoyOptions> = {
  minimal: { upstream },
  everything: { upstream, port: 9443, ...everyOption, loadBalancing, upstreamTls },
  // TLS to an API at an address, by the public authorities.
  'upstream-tls': {
    upstream: { host: '10.0.0.5', port: 8443, upstreamTls: {} },
    discovery: { type: 'STATIC' },
  },
  // Replicas that warm up, and go for a while when they answer badly.
  replicas: { upstream: { ...upstream, loadBalancing: { slowStart } }, outlierDetection: {} },
  'no-features': {
    upstream: { host: '10.0.0.5', port: 8080 },
    accessLog: false,
    adminView: false,
    limits: false,
    pathNormalization: false,
    headers: false,
    cors: false,
    timeouts: false,
    retries: false,
    discovery: false,
    healthCheck: false,
    circuitBreaker: false,
    outlierDetection: false,
    loadBalancing: false,
    upstreamTls: false,
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
  // Three scopes: what holds for all, and what one path has of its own.
  routes: {
    upstream,
    cors: { origins: ['https://app.example.com'] },
    routes: [
      { path: '/health', cors: false, retries: false, timeouts: { request: '1s' } },
      { path: '/health/deep', timeouts: { request: '5s', streamIdle: '10s' } },
    ],
  },
  // A filter, a cluster and a listener in Envoy's words.
  custom: {
    upstream,
    cors: { origins: ['*'] },
    custom: [
      {
        before: 'cors',
        httpFilters: [
          {
            name: 'envoy.filters.http.lua',
            typed_config: {
              '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua',
              default_source_code: {
                inline_string: "function envoy_on_request(request)\n  request:headers():add('x-lua', 'yes')\nend\n",
              },
            },
          },
        ],
      },
      {
        clusters: [{ name: 'other', type: 'STATIC', connect_timeout: '1s' }],
        listeners: [
          {
            name: 'tcp',
            address: { socket_address: { address: '0.0.0.0', port_value: 9000 } },
            filter_chains: [
              {
                filters: [
                  {
                    name: 'envoy.filters.network.tcp_proxy',
                    typed_config: {
                      '@type': 'type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy',
                      stat_prefix: 'tcp',
                      cluster: 'other',
                    },
                  },
                ],
              },
            ],
          },
        ],
        ports: [{ name: 'tcp', port: 9000 }],
      },
    ],
  },
  // A configuration of the user's own, and some of our features laid onto it.
  base: {
    upstream,
    cors: { origins: ['https://app.example.com'] },
    retries: {},
    base: {
      admin: { address: { socket_address: { address: '0.0.0.0', port_value: 8081 } } },
      static_resources: {
        listeners: [
          {
            name: 'mine',
            address: { socket_address: { address: '0.0.0.0', port_value: 8800 } },
            filter_chains: [
              {
                filters: [
                  {
                    name: 'envoy.filters.network.http_connection_manager',
                    typed_config: {
                      '@type':
                        'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
                      stat_prefix: 'mine',
                      route_config: {
                        name: 'mine',
                        virtual_hosts: [
                          {
                            name: 'mine',
                            domains: ['*'],
                            routes: [
                              { match: { path: '/old' }, redirect: { path_redirect: '/new' } },
                              { match: { prefix: '/' }, route: { cluster: 'api_backend', timeout: '7s' } },
                            ],
                          },
                        ],
                      },
                      http_filters: [
                        {
                          name: 'envoy.filters.http.router',
                          typed_config: {
                            '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router',
                          },
                        },
                      ],
                    },
                  },
                ],
              },
            ],
          },
        ],
        clusters: [
          {
            name: 'api_backend',
            type: 'STRICT_DNS',
            connect_timeout: '0.25s',
            load_assignment: {
              cluster_name: 'api_backend',
              endpoints: [
                {
                  lb_endpoints: [{ endpoint: { address: { socket_address: { address: 'api', port_value: 8080 } } } }],
                },
              ],
            },
          },
        ],
      },
    },
  },
  // The last word: a second cluster and a changed time-out.
  patched: {
    upstream,
    patch: (bootstrap) => ({
      ...bootstrap,
      static_resources: {
        ...bootstrap.static_resources,
        clusters: [
          ...(bootstrap.static_resources?.clusters ?? []).map((cluster) => ({
            ...cluster,
            connect_timeout: '9s' as const,
          })),
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
