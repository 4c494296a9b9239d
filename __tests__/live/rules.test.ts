import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { check } from '../../envoy/check/check';
import { binary } from './binaries';
import { temporaryFolder } from './envoy';

const type = (name: string) => ({ '@type': `type.googleapis.com/${name}` });
const filter = (name: string, options: object = {}) => ({
  name,
  typed_config: { ...type(`envoy.extensions.filters.http.${name}`), ...options },
});
const address = (host: string, port: number) => ({ socket_address: { address: host, port_value: port } });
const cluster = (options: object = {}, host = '127.0.0.1') => ({
  name: 'api',
  type: 'STATIC',
  load_assignment: {
    cluster_name: 'api',
    endpoints: [{ lb_endpoints: [{ endpoint: { address: address(host, 8080) } }] }],
  },
  ...options,
});

interface Parts {
  readonly filters?: readonly object[];
  readonly route?: object;
  readonly match?: object;
  readonly routeConfig?: object;
  readonly listener?: object;
  readonly cluster?: object;
  readonly tls?: object;
  readonly bootstrap?: object;
}

const router = filter('router.v3.Router');

function bootstrap(parts: Parts): object {
  const chain = {
    filters: [
      {
        name: 'hcm',
        typed_config: {
          ...type('envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager'),
          stat_prefix: 'x',
          route_config: {
            virtual_hosts: [
              {
                name: 'all',
                domains: ['*'],
                routes: [{ match: { prefix: '/', ...parts.match }, route: { cluster: 'api', ...parts.route } }],
              },
            ],
            ...parts.routeConfig,
          },
          http_filters: parts.filters ?? [router],
        },
      },
    ],
    ...(parts.tls && {
      transport_socket: {
        name: 'tls',
        typed_config: { ...type('envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext'), ...parts.tls },
      },
    }),
  };
  return {
    static_resources: {
      listeners: [{ name: 'l', address: address('127.0.0.1', 8800), filter_chains: [chain], ...parts.listener }],
      clusters: [parts.cluster ?? cluster()],
    },
    ...parts.bootstrap,
  };
}

const jwt = (options: object) =>
  filter('jwt_authn.v3.JwtAuthentication', {
    providers: {
      good: { audiences: ['a'], local_jwks: { inline_string: '{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}' } },
    },
    ...options,
  });
const header = (key: string, value: string) => ({ request_headers_to_add: [{ header: { key, value } }] });
const healthCheck = (options: object) =>
  cluster({
    health_checks: [
      {
        timeout: '1s',
        interval: '1s',
        unhealthy_threshold: 1,
        healthy_threshold: 1,
        http_health_check: { path: '/', ...options },
      },
    ],
  });
const heap = {
  name: 'envoy.resource_monitors.fixed_heap',
  typed_config: {
    ...type('envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig'),
    max_heap_size_bytes: 1_000_000_000,
  },
};
const overload = (name: string, trigger: string) => ({
  bootstrap: {
    overload_manager: {
      resource_monitors: [heap],
      actions: [{ name, triggers: [{ name: trigger, threshold: { value: 0.9 } }] }],
    },
  },
});
const limit = (fill_interval: string) =>
  filter('local_ratelimit.v3.LocalRateLimit', { stat_prefix: 'x', token_bucket: { max_tokens: 1, fill_interval } });

/** Configurations that Envoy rejects, with the rule of our check that reports each. */
const rejected: readonly (readonly [rule: string, parts: Parts])[] = [
  ['cluster-exists', { route: { cluster: 'no' } }],
  ['cluster-exists', { route: { request_mirror_policies: [{ cluster: 'no' }] } }],
  ['unique-domain', { routeConfig: { virtual_hosts: ['a', 'b'].map((name) => ({ name, domains: ['*'] })) } }],
  ['listener-filter-chains', { listener: { filter_chains: [] } }],
  ['listener-address', { listener: { address: undefined } }],
  ['terminal-filter', { filters: [limit('1s')] }],
  ['terminal-filter', { filters: [router, limit('1s')] }],
  ['extension-config', { filters: [{ name: 'envoy.filters.http.cors' }, router] }],
  [
    'extension-name',
    {
      filters: [
        filter('stateful_session.v3.StatefulSession', {
          session_state: {
            name: 'header',
            typed_config: {
              ...type('envoy.extensions.http.stateful_session.header.v3.HeaderBasedSessionState'),
              name: 'x-session',
            },
          },
        }),
        router,
      ],
    },
  ],
  [
    'matcher-action',
    {
      filters: [
        filter('rbac.v3.RBAC', {
          matcher: { on_no_match: { action: { name: 'do', typed_config: type('envoy.config.route.v3.RouteList') } } },
        }),
        router,
      ],
    },
  ],
  [
    'query-parameter',
    {
      filters: [
        filter('header_mutation.v3.HeaderMutation', { mutations: { query_parameter_mutations: [{}] } }),
        router,
      ],
    },
  ],
  ['ip-address', { cluster: cluster({}, 'api') }],
  ['cluster-endpoints', { cluster: { name: 'api', type: 'EDS' } }],
  ['status-range', { cluster: healthCheck({ expected_statuses: [{ start: 200, end: 200 }] }) }],
  ['fill-interval', { filters: [limit('0.049s'), router] }],
  ['interval-order', { route: { retry_policy: { retry_back_off: { base_interval: '2s', max_interval: '1s' } } } }],
  ['path-rewrite', { route: { prefix_rewrite: '/a', regex_rewrite: { pattern: { regex: 'a' }, substitution: 'b' } } }],
  ['header-protected', { routeConfig: header('Host', 'a') }],
  ['regex', { match: { prefix: undefined, safe_regex: { regex: '/a(?=b)' } } }],
  ['regex-size', { match: { prefix: undefined, safe_regex: { regex: 'a'.repeat(97) } } }],
  ['format-string', { routeConfig: header('a', '%PROTOCL%') }],
  ['format-string', { routeConfig: header('a', '50%') }],
  [
    'jwt-provider-exists',
    { filters: [jwt({ rules: [{ match: { prefix: '/' }, requires: { provider_name: 'no' } }] }), router] },
  ],
  [
    'jwks',
    { filters: [jwt({ providers: { bad: { audiences: ['a'], local_jwks: { inline_string: '{}' } } } }), router] },
  ],
  ['basic-auth-users', { filters: [filter('basic_auth.v3.BasicAuth', { users: { inline_string: 'a:b' } }), router] }],
  [
    'mtls-authenticated',
    {
      filters: [
        filter('rbac.v3.RBAC', {
          rules: {
            policies: {
              known: {
                permissions: [{ any: true }],
                principals: [
                  {
                    custom: {
                      name: 'mtls',
                      typed_config: type('envoy.extensions.rbac.principals.mtls_authenticated.v3.Config'),
                    },
                  },
                ],
              },
            },
          },
        }),
        router,
      ],
    },
  ],
  ['tls-certificate', { tls: { common_tls_context: {} } }],
  ['secret-exists', { tls: { common_tls_context: { tls_certificate_sds_secret_configs: [{ name: 'no' }] } } }],
  ['overload-name', overload('envoy.overload_actions.no', heap.name)],
  ['overload-trigger', overload('envoy.overload_actions.shrink_heap', 'no')],
];

function isAccepted(config: object): boolean {
  const file = join(temporaryFolder(), 'envoy.json');
  writeFileSync(file, JSON.stringify(config));
  try {
    execFileSync(binary(), ['--mode', 'validate', '-c', file, '-l', 'off'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

const errors = (config: object) =>
  check(JSON.parse(JSON.stringify(config))).flatMap(({ severity, rule }) => (severity === 'error' ? [rule] : []));

test('Envoy and the check accept the valid configuration that the others are built from', () => {
  const good = bootstrap({ filters: [limit('0.050s'), jwt({}), router], routeConfig: header('a', '%PROTOCOL% 50%%') });
  expect({ envoy: isAccepted(good), ours: errors(good) }).toEqual({ envoy: true, ours: [] });
});

test.each(rejected)('Envoy rejects a configuration for which the check reports only %s (case %#)', (rule, parts) => {
  const bad = bootstrap(parts);
  expect({ envoy: isAccepted(bad), ours: errors(bad) }).toEqual({ envoy: false, ours: [rule] });
});
