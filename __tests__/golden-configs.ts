import { assemble, type EnvoyOptions, toYaml } from '../envoy';
import { cluster, httpListener, routes, tcpListener } from './config-builders';
import { examples, upstream } from './examples';

const everything = Object.fromEntries(examples.map(([name, { every, together = every }]) => [name, together]));
const nothing = Object.fromEntries(examples.map(([name]) => [name, false]));

/** The options of each golden configuration, by the name of its file. */
export const goldenOptions: Readonly<Record<string, EnvoyOptions>> = {
  ...Object.assign({}, ...examples.map(([, { goldens }]) => goldens)),
  minimal: { upstream },
  everything: { upstream, port: 9443, ...everything },
  'no-features': { upstream: { host: '10.0.0.5', port: 8080 }, ...nothing },
  // The settings of the reference stack in the options of this package.
  'reference-stack': {
    upstream: {
      ...upstream,
      discovery: { type: 'LOGICAL_DNS', dnsLookupFamily: 'V4_ONLY' },
      healthCheck: { path: '/health', timeout: '100ms', interval: '3s', unhealthyThreshold: 3, healthyThreshold: 1 },
    },
    timeouts: { connect: '250ms' },
  },
  // The options that a sidecar with `isolation: 'pod'` sets.
  pod: {
    upstream: { host: '127.0.0.1', port: 8080, healthCheck: { path: '/health' } },
    discovery: { type: 'STATIC' },
    limits: { maxHeapSize: '235929KiB' },
    retries: { numRetries: 100, backOff: { baseInterval: '100ms', maxInterval: '500ms' }, retryOnIdempotent: [] },
  },
  // Options of the proxy, of a route, and of a route within it.
  routes: {
    upstream,
    cors: { allowOrigins: ['https://app.example.com'] },
    routes: [
      { path: '/health', cors: false, retries: false, timeouts: { request: '1s' } },
      { path: '/health/deep', timeouts: { request: '5s', streamIdle: '10s' } },
    ],
  },
  // A route with an exact host and a wildcard, which have different precedence.
  hosts: {
    upstream,
    routes: [
      { path: '/', hosts: ['example.com', '*.example.com'], timeouts: { request: '60s' } },
      { path: '/', hosts: ['old.example.com'], redirect: { host: 'www.example.com' } },
    ],
  },
  // A custom filter, cluster and listener.
  custom: {
    upstream,
    cors: { allowOrigins: ['*'] },
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
  // A user's bootstrap with some features added.
  base: {
    upstream,
    cors: { allowOrigins: ['https://app.example.com'] },
    retries: {},
    baseConfig: {
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
  // A patch with a second cluster and a changed timeout.
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

/** The names of all golden configurations, sorted. */
export const goldenNames: readonly string[] = Object.keys(goldenOptions).sort();

/** Returns the `envoy.yaml` of a golden configuration. */
export function goldenYaml(name: string): string {
  const options = goldenOptions[name];
  if (!options) {
    throw new Error(`no golden configuration has the name ${name}`);
  }
  return toYaml(assemble(options).bootstrap);
}
