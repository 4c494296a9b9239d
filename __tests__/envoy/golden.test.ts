import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { assemble, type EnvoyOptions, type ProxyOptions, toYaml } from '../../envoy';
import type { features } from '../../envoy/features';
import { cluster, httpListener, routes, tcpListener } from '../pieces';

const FOLDER = join(__dirname, '../golden');
const upstream = { host: 'api', port: 8080 };

const PUBLIC_KEYS = JSON.stringify({
  keys: [
    {
      kty: 'EC',
      crv: 'P-256',
      kid: '1',
      x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
      y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
    },
  ],
});

/**
 * Asks for every option of every feature, so that the scenario with all of them can't miss a new one. Those of `clientIp`
 * exclude each other.
 */
type EveryOption = Pick<ProxyOptions, 'clientIp'> & {
  readonly [Name in Exclude<keyof typeof features, 'clientIp'>]: Required<
    Exclude<ProxyOptions[Name], false | undefined>
  >;
};
const everyOption: EveryOption = {
  accessLog: { query: true },
  adminView: { port: 9000 },
  limits: { connections: 1000, concurrentStreams: 50, connectionBuffer: '64KiB', heap: '200MiB' },
  clientIp: { trustedProxies: 1 },
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
  rateLimit: {
    all: '1000/s',
    perClient: '100/min',
    perHeader: { name: 'x-api-key', rate: '5000/hour' },
    clients: 50_000,
    enforce: false,
  },
  jwt: {
    providers: {
      staff: {
        issuer: 'https://id.example.com/',
        audiences: ['https://api.example.com'],
        jwks: { uri: 'https://id.example.com/.well-known/jwks.json', cacheDuration: '10m' },
        clockSkew: '10s',
        requireExpiration: false,
        claimToHeaders: { 'x-user': 'sub', 'x-tenant': 'org.id' },
        fromHeaders: [{ name: 'x-token' }],
        fromParams: ['token'],
        fromCookies: ['token'],
        forward: true,
        forwardPayloadHeader: 'x-claims',
      },
      devices: { issuer: 'devices', audiences: ['api', 'gateway'], jwks: { inline: PUBLIC_KEYS } },
    },
    requiresAny: ['staff', 'devices'],
    token: 'optional',
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
    clientIp: false,
    pathNormalization: false,
    headers: false,
    cors: false,
    rateLimit: false,
    jwt: false,
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
  // A rate for each client, one path with less, one without.
  rates: {
    upstream,
    clientIp: { trustedCidrs: ['10.0.0.0/8', 'fd00::/8'] },
    rateLimit: { all: '90000/hour', perClient: '100/min' },
    routes: [
      { path: '/login', rateLimit: { perClient: '5/min' } },
      { path: '/health', rateLimit: false },
    ],
  },
  // Tokens for all, none for the health check, and those of one provider alone for one path.
  tokens: {
    upstream,
    jwt: {
      providers: {
        main: {
          issuer: 'https://id.example.com/',
          audiences: ['calculator'],
          jwks: { uri: 'https://id.example.com/.well-known/jwks.json' },
          claimToHeaders: { 'x-user': 'sub' },
        },
        staff: {
          issuer: 'https://staff.example.com/',
          audiences: ['calculator'],
          jwks: { uri: 'https://staff.example.com:8443/keys' },
        },
      },
    },
    routes: [
      { path: '/health', jwt: false },
      { path: '/greet', jwt: { token: 'optional' } },
      { path: '/admin', jwt: { requiresAny: ['staff'] } },
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
        listeners: [tcpListener('tcp', 9000, 'other')],
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
          httpListener(
            'mine',
            8800,
            routes(
              'mine',
              { match: { path: '/old' }, redirect: { path_redirect: '/new' } },
              { match: { prefix: '/' }, route: { cluster: 'api_backend', timeout: '7s' } },
            ),
          ),
        ],
        clusters: [cluster('api_backend', 'api', 8080, { type: 'STRICT_DNS', connect_timeout: '0.25s' })],
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
          ...(bootstrap.static_resources?.clusters ?? []).map((one) => ({
            ...one,
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
