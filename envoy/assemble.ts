import {
  type Bootstrap,
  type Cluster,
  connectionManager,
  type FilterChain,
  type HttpConnectionManager,
  type Listener,
  loadAssignment,
  ROUTER,
  type Route,
  socketAddress,
} from './api';
import { type Feature, features, type ProxyOptions, type UpstreamOptions } from './features';
import {
  merge,
  type Part,
  type ProxyFile,
  type ProxyFragment,
  type ProxyPort,
  type RouteFragment,
  type UpstreamFragment,
} from './fragment';
import {
  ADMIN_ADDRESS,
  ADMIN_PAGES,
  ADMIN_PORT,
  DRAIN_PATH,
  LISTENER,
  ROUTES,
  STAT_PREFIX,
  UPSTREAM,
  VIRTUAL_HOST,
} from './names';
import { isReference } from './references';
import { port as checkedPort, fail } from './values';

/** What stands behind the proxy. */
export interface Upstream extends UpstreamOptions {
  /** The host name or address at which Envoy reaches it. */
  readonly host: string;
  /** The port there. */
  readonly port: number;
}

/** The proxy, as its user describes it. */
export interface EnvoyOptions extends ProxyOptions {
  /** What stands behind the proxy. */
  readonly upstream: Upstream;
  /**
   * The port inside the container on which clients are served.
   *
   * @default 8800
   */
  readonly port?: number;
  /**
   * The last word on the configuration: gets it as it would be written and returns what is written.
   *
   * @default - the configuration stays as it is
   */
  readonly patch?: (bootstrap: Bootstrap) => Bootstrap;
}

/** Envoy's configuration with what it needs around it. */
export interface Assembly {
  readonly bootstrap: Bootstrap;
  readonly files: readonly ProxyFile[];
  readonly ports: readonly ProxyPort[];
}

/** From options to the one Bootstrap: fragments of all features, merged, and the router after the last filter. */
export function assemble(options: EnvoyOptions): Assembly {
  const { upstream, port = 8_800, patch, ...proxyOptions } = options;
  refuseUnknownFeatures('', proxyOptions, Object.keys(features));
  const { host: _host, port: _port, ...upstreamOptions } = upstream;
  refuseUnknownFeatures('upstream.', upstreamOptions, UPSTREAM_FEATURES);
  const proxy = proxyFragments(proxyOptions);
  const slot = <Name extends keyof ProxyFragment>(name: Name): Part<NonNullable<ProxyFragment[Name]>>[] =>
    proxy.flatMap(({ by, value }) => (value[name] === undefined ? [] : [{ by, value: value[name] }]));

  const routeParts = [...slot('route'), ...scoped('route', proxyOptions, {})];
  const upstreamParts = [...slot('upstream'), ...scoped('upstream', proxyOptions, upstream)];
  const manager = merge<Partial<HttpConnectionManager>>([
    { by: 'the listener', value: { stat_prefix: STAT_PREFIX, codec_type: 'AUTO' } },
    ...slot('connectionManager'),
    {
      by: 'the routes',
      value: {
        route_config: {
          name: ROUTES,
          virtual_hosts: [{ name: VIRTUAL_HOST, domains: ['*'], routes: routes(routeParts) }],
        },
        http_filters: [...proxy.flatMap(({ value }) => value.httpFilters ?? []), ROUTER],
      },
    },
  ]);
  const chain = merge<Partial<FilterChain>>([
    { by: 'the listener', value: { filters: [connectionManager(manager)] } },
    ...slot('filterChain'),
  ]);
  const listener = merge<Partial<Listener>>([
    { by: 'the listener', value: { name: LISTENER, address: socketAddress('0.0.0.0', checkedPort('port', port)) } },
    ...slot('listener'),
    { by: 'the listener', value: { filter_chains: [chain as FilterChain] } },
  ]) as Listener;

  const bootstrap = merge<Bootstrap>([
    {
      by: 'the core',
      value: {
        admin: {
          address: socketAddress(ADMIN_ADDRESS, ADMIN_PORT),
          allow_paths: ADMIN_PATHS,
        },
        static_resources: {
          listeners: [listener, ...proxy.flatMap(({ value }) => value.listeners ?? [])],
          clusters: [cluster(upstream, upstreamParts), ...proxy.flatMap(({ value }) => value.clusters ?? [])],
        },
      },
    },
    ...slot('bootstrap'),
  ]);
  const ports = [{ name: LISTENER, port }, ...proxy.flatMap(({ value }) => value.ports ?? [])];
  refusePortTwice([{ name: "Envoy's admin interface", port: ADMIN_PORT }, ...ports]);
  return {
    bootstrap: patch ? patch(bootstrap) : bootstrap,
    files: proxy.flatMap(({ value }) => value.files ?? []),
    ports,
  };
}

/** All that the admin interface answers, matched with their queries: its pages with any, the drain as it is. */
const ADMIN_PATHS = [{ safe_regex: { regex: `(${ADMIN_PAGES.join('|')})(\\?.*)?` } }, { exact: DRAIN_PATH }];

/** One route for all requests; where a feature tells methods apart, one more before it for those that may be repeated. */
function routes(parts: readonly Part<RouteFragment>[]): Route[] {
  const to = (match: object, action: 'action' | 'idempotentAction'): Route => {
    const actions = parts.map(({ by, value }) => ({
      by,
      value: (action === 'idempotentAction' && value.idempotentAction) || value.action || {},
    }));
    const base = parts.flatMap(({ by, value }) => (value.route === undefined ? [] : [{ by, value: value.route }]));
    return merge([
      { by: 'the route', value: { match } },
      { by: 'the route', value: { route: merge([{ by: 'the route', value: { cluster: UPSTREAM } }, ...actions]) } },
      ...base,
    ]) as Route;
  };
  const all = to({ prefix: '/' }, 'action');
  return parts.some(({ value }) => value.idempotentAction !== undefined)
    ? [to(IDEMPOTENT, 'idempotentAction'), all]
    : [all];
}

const IDEMPOTENT = {
  prefix: '/',
  headers: [{ name: ':method', string_match: { safe_regex: { regex: 'GET|HEAD|OPTIONS|TRACE|PUT|DELETE' } } }],
};

const ADDRESS = /^(\d+(\.\d+){3}|[\da-fA-F.]*:[\da-fA-F.]*:[\da-fA-F:.]*)$/;

/** A name as DNS and Docker know them. */
const NAME = /^[a-zA-Z0-9_.-]+$/;

function cluster({ host, port }: Upstream, parts: readonly Part<UpstreamFragment>[]): Cluster {
  // A reference is for whoever resolves it.
  const known = !isReference(host);
  if (known && !NAME.test(host) && !ADDRESS.test(host)) {
    fail('upstream.host', 'must be a host name or an address', host, "write for example 'api'");
  }
  const result = merge([
    { by: 'the upstream', value: { name: UPSTREAM } },
    ...parts.map(({ by, value }) => ({ by, value: value.cluster ?? {} })),
    {
      by: 'the upstream',
      value: { load_assignment: loadAssignment(UPSTREAM, socketAddress(host, checkedPort('upstream.port', port))) },
    },
  ]) as Cluster;
  // Without a way to look it up, Envoy takes the host as an address.
  if (result.cluster_type === undefined && known && !ADDRESS.test(host)) {
    fail(
      'upstream.host',
      "must be an IP address with discovery.type 'STATIC' or without discovery",
      host,
      'leave discovery out',
    );
  }
  return result;
}

function proxyFragments(options: ProxyOptions): Part<ProxyFragment>[] {
  return entries().flatMap(([name, feature]) => {
    const chosen = options[name] ?? (feature.onByDefault ? {} : false);
    return feature.proxy && chosen !== false ? [{ by: name, value: feature.proxy(chosen as never) }] : [];
  });
}

/** The fragments of one route or upstream: its own options laid over the proxy's, property by property. */
function scoped(scope: 'route', proxy: ProxyOptions, own: object): Part<RouteFragment>[];
function scoped(scope: 'upstream', proxy: ProxyOptions, own: UpstreamOptions): Part<UpstreamFragment>[];
function scoped(scope: 'route' | 'upstream', proxy: ProxyOptions, own: UpstreamOptions): Part<object>[] {
  return entries().flatMap(([name, feature]) => {
    const make = feature[scope];
    const mine = (own as ProxyOptions)[name];
    const whole = feature.proxy ? undefined : proxy[name];
    const chosen = mine ?? whole ?? (feature.onByDefault && !feature.proxy ? {} : false);
    if (!make || chosen === false) {
      return [];
    }
    return [{ by: name, value: make({ ...(whole || {}), ...mine } as never) }];
  });
}

function entries(): [keyof ProxyOptions, Feature][] {
  return Object.entries(features) as [keyof ProxyOptions, Feature][];
}

const UPSTREAM_FEATURES = entries().flatMap(([name, feature]) => (feature.upstream ? [name] : []));

function refuseUnknownFeatures(at: string, options: object, known: readonly string[]): void {
  for (const [name, value] of Object.entries(options)) {
    if (!known.includes(name)) {
      fail(`${at}${name}`, 'is not an option', value, `the features are ${known.join(', ')}`);
    }
  }
}

function refusePortTwice(ports: readonly ProxyPort[]): void {
  ports.forEach(({ name, port }, index) => {
    const first = ports.slice(0, index).find((other) => other.port === port);
    if (first) {
      fail(`port of '${name}'`, `is also that of '${first.name}'`, port, 'give one of them another port');
    }
  });
}
