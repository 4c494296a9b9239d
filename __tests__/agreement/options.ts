import fc from 'fast-check';
import type { EnvoyOptions, JwtProvider, ProxyOptions } from '../../envoy';
import type { features } from '../../envoy/features';

/** Asks for every option of every feature, so that a new one can't be missed. */
type EveryOption = {
  readonly [Name in keyof typeof features]: Options<Exclude<ProxyOptions[Name], false | undefined>>;
};
/** The short forms of a feature's options are drawn with the others. */
type Options<Of> = [Of] extends [object] ? OfEach<Of> : fc.Arbitrary<Of>;
type OfEach<Of> = { readonly [Key in keyof Of]-?: fc.Arbitrary<Exclude<Of[Key], undefined>> };

const count = (most: number) =>
  fc.oneof(
    fc.integer({ min: 1, max: most }),
    fc.constantFrom(1, most),
    fc.integer({ min: 1, max: Math.min(most, 100) }),
  );
const duration = (least: number) =>
  fc.oneof(
    fc.integer({ min: least, max: 9_999 }).map((value) => `${value}ms` as const),
    fc.integer({ min: least, max: 600 }).map((value) => `${value}s` as const),
    fc.constantFrom('1.5s', '0.001s', '2m', '24h', '8760h' as const),
  );
const size = fc.oneof(
  fc.integer({ min: 1, max: 4_095 }).map((value) => `${value}KiB` as const),
  fc.integer({ min: 1, max: 4_095 }).map((value) => `${value}MiB` as const),
  fc.constantFrom('0.5MiB', '1.5GiB' as const),
);
const retryOn = fc.uniqueArray(
  fc.constantFrom('5xx', 'gateway-error', 'reset', 'connect-failure', 'refused-stream', 'unavailable' as const),
);
const networks = fc.uniqueArray(fc.constantFrom('10.0.0.0/8', '192.168.1.5/32', 'fd00::/8', '::1/128'), {
  minLength: 1,
});
const rate = fc
  .tuple(count(1_000_000_000), fc.constantFrom('s', 'min', 'hour', 'day' as const))
  .map(([requests, unit]) => `${requests}/${unit}` as const);
const rates = {
  all: rate,
  perClient: rate,
  perHeader: fc.record({ name: fc.constantFrom('x-api-key', 'Authorization'), rate }),
  clients: fc.integer({ min: 1_000, max: 10_000_000 }),
  enforce: fc.boolean(),
};
const path = fc.constantFrom('/', '/health', '/a/b?c=d', "/it's~(odd)!");

const KEY = '{"kty":"OKP","crv":"Ed25519","kid":"1","alg":"EdDSA","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}';
const provider = (issuer: string): fc.Arbitrary<JwtProvider> =>
  fc.record(
    {
      issuer: fc.constant(issuer),
      audiences: fc.constantFrom<[string, ...string[]]>(['api'], ['https://a.example/', 'b']),
      jwks: fc.oneof(
        fc.constantFrom({ inline: `{"keys":[${KEY}]}` }, { inline: `{"keys":[${KEY},{"kty":"EC"}]}` }),
        fc.record({
          uri: fc.constantFrom('https://id.example.com', 'https://10.0.0.5:8443/keys?a=b', 'https://localhost/'),
          cacheDuration: duration(1),
        }),
      ),
      clockSkew: duration(1),
      requireExpiration: fc.boolean(),
      claimToHeaders: fc.constantFrom({}, { 'x-user': 'sub', tenant: 'org.id' }),
      fromHeaders: fc.constantFrom([], [{ name: 'x-token' }], [{ name: 'authorization', valuePrefix: 'Token ' }]),
      fromParams: fc.constantFrom([], ['token']),
      fromCookies: fc.constantFrom([], ['token']),
      forward: fc.boolean(),
      forwardPayloadHeader: fc.constantFrom('x-claims', 'claims'),
    },
    { requiredKeys: ['issuer', 'audiences', 'jwks'] },
  );

const every: EveryOption = {
  accessLog: { query: fc.boolean() },
  adminView: { port: fc.integer({ min: 20_001, max: 40_000 }) },
  limits: {
    connections: count(2 ** 31 - 1),
    concurrentStreams: count(2 ** 31 - 1),
    connectionBuffer: size,
    heap: size,
  },
  clientIp: fc.oneof(
    fc.constantFrom('direct', 'proxyProtocol' as const),
    fc.integer({ min: 1, max: 100 }).map((trustedProxies) => ({ trustedProxies })),
    networks.map((trustedCidrs) => ({ trustedCidrs })),
    networks.map((proxyProtocolFrom) => ({ proxyProtocolFrom })),
  ),
  pathNormalization: { escapedSlashes: fc.constantFrom('redirect', 'reject', 'keep'), mergeSlashes: fc.boolean() },
  headers: { underscores: fc.constantFrom('reject', 'drop', 'allow') },
  cors: {
    origins: fc.constant(['https://app.example.com']),
    methods: fc.constantFrom([], ['PUT', 'DELETE']),
    headers: fc.constantFrom([], ['authorization', 'x-a']),
    expose: fc.constantFrom([], ['x-b']),
    credentials: fc.boolean(),
    maxAge: duration(0),
  },
  rateLimit: fc.oneof(rate, fc.record(rates, { requiredKeys: [] })),
  jwt: {
    providers: fc.record({ main: provider('https://id.example.com/'), 'b-2_c': provider('someone') }),
    requiresAny: fc.uniqueArray(fc.constantFrom('main', 'b-2_c'), { minLength: 1 }),
    token: fc.constantFrom('required', 'optional', 'ignored'),
  },
  timeouts: {
    request: duration(0),
    requestHeaders: duration(0),
    requestBody: duration(0),
    streamIdle: duration(0),
    idle: duration(0),
    connect: duration(1),
  },
  retries: {
    attempts: fc.integer({ min: 0, max: 1_000 }),
    backOff: duration(1),
    maxBackOff: duration(1),
    on: retryOn,
    onIdempotent: retryOn,
    concurrent: count(2 ** 31 - 1),
    body: size,
  },
  discovery: {
    type: fc.constantFrom('STRICT_DNS', 'LOGICAL_DNS', 'STATIC'),
    family: fc.constantFrom('V4_ONLY', 'V6_ONLY', 'V4_PREFERRED', 'AUTO', 'ALL'),
    refresh: duration(1),
  },
  healthCheck: {
    path,
    interval: duration(1),
    timeout: duration(1),
    unhealthyThreshold: count(1_000),
    healthyThreshold: count(1_000),
  },
  circuitBreaker: {
    connections: count(2 ** 31 - 1),
    pendingRequests: count(2 ** 31 - 1),
    requests: count(2 ** 31 - 1),
    connectionsPerHost: count(2 ** 31 - 1),
  },
  outlierDetection: {
    consecutive5xx: fc.oneof(count(1_000_000), fc.constant(false as const)),
    consecutiveGatewayFailures: fc.oneof(count(1_000_000), fc.constant(false as const)),
    interval: duration(1),
    ejectionTime: duration(1),
    maxEjectionTime: duration(1),
    maxEjectedPercent: count(100),
  },
  loadBalancing: {
    policy: fc.constantFrom('leastRequest', 'roundRobin', 'random', 'ringHash', 'maglev'),
    hashOn: fc.oneof(
      fc.constant({ header: 'x-user' }),
      fc.constant('clientAddress' as const),
      duration(0).map((ttl) => ({ cookie: 'a', ttl })),
    ),
    slowStart: duration(1),
    panic: fc.boolean(),
  },
  upstreamTls: {
    trustedCa: fc.constant({ file: '/etc/ssl/certs/ca-certificates.crt' }),
    serverName: fc.constantFrom('api.internal', '10.0.0.5', '::1'),
    // Envoy would look for its files.
    certificate: fc.constant(undefined as never),
    insecureSkipVerify: fc.boolean(),
  },
};

function drawn(options: object): fc.Arbitrary<unknown> {
  return options instanceof fc.Arbitrary
    ? options
    : fc.record(options as Record<string, fc.Arbitrary<unknown>>, { requiredKeys: [] });
}

const proxy = fc.record(
  Object.fromEntries(
    Object.entries(every).map(([name, options]) => [
      name,
      fc.oneof({ weight: 4, arbitrary: drawn(options) }, { weight: 1, arbitrary: fc.constant(false) }),
    ]),
  ),
  { requiredKeys: [] },
);

const upstream = fc.record({
  host: fc.constantFrom('api', 'api.example.test', '10.0.0.5', '::1', 'A_b-c.9'),
  port: fc.integer({ min: 1, max: 65_535 }),
});

const texts = fc.constantFrom('/a', '/a/b', "/it's~(odd)!", '/%7Euser');
const match = fc.record(
  {
    path: fc.oneof(
      texts,
      texts.map((exact) => ({ exact })),
      fc.constantFrom('/{x}', '/users/{id}/**', '/*/a').map((template) => ({ template })),
      fc.constantFrom('/v[0-9]+', '/(a|b)/.*').map((regex) => ({ regex })),
    ),
    methods: fc.uniqueArray(fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'TRACE'), { minLength: 1 }),
    headers: fc.constantFrom({ 'x-a': 'b' }, { 'x-a': true, 'x-b': { regex: 'c|d' } }),
  },
  { requiredKeys: ['path'] },
);
const action = fc.constantFrom(
  {},
  { to: 'other' },
  { redirect: { path: '/new' } },
  { redirect: { scheme: 'https', host: 'b.example', port: 8443, status: 302 } },
  { respond: { status: 403, body: 'no' } },
);
const routes = fc.uniqueArray(
  fc.tuple(match, action).map(([one, other]) => ({ ...one, ...other })),
  { maxLength: 4, selector: ({ path }) => JSON.stringify(path) },
);
const other = { host: '10.0.0.9', port: 9090 };

/** Any options at all that the types allow. Some of them `assemble` refuses, as it should. */
export const options: fc.Arbitrary<EnvoyOptions> = fc
  .record({ upstream, port: fc.integer({ min: 1, max: 20_000 }), proxy, routes })
  .map(({ proxy, routes, ...rest }) => {
    const further = routes.some((rule) => 'to' in rule) && { upstreams: { other } };
    return { ...rest, ...proxy, ...further, ...(routes.length > 0 && { routes }) } as EnvoyOptions;
  });
