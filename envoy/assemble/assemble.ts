import type { ProxyOptions } from '../features/registry';
import { forwardingHeaderFilters, stripForwardingHeaders } from '../features/shared/forwarding-headers';
import { stripIdentityHeaders } from '../features/shared/identity-headers';
import { heapOf } from '../features/shared/overload-manager';
import { requiresPathAsWritten, requiresValidHosts } from '../features/shared/requirements';
import type { ProxyFile, ProxyPort } from '../fragments/fragment';
import { merge, ownerOf, type Part } from '../fragments/merge';
import { assertRequirements, type ScopedRequirement } from '../fragments/requirements';
import { type Bootstrap, socketAddress } from '../messages/builders';
import type { Path } from '../messages/path';
import {
  ADMIN_ADDRESS,
  ADMIN_PAGES,
  ADMIN_PORT,
  DEFAULT_PORT,
  DRAIN_PATH,
  NODE,
  portOption,
  UPSTREAM,
} from '../messages/resource-names';
import { assertOptions } from '../options/assert-options';
import type { OneOrMore } from '../options/endpoints';
import { ENVOY_OPTIONS } from '../options/option-shapes';
import { invalidOption } from '../options/validate';
import { assertUpstreamNames, toCluster, toUpstreamGroup, type Upstream, type UpstreamGroup } from './clusters';
import { boundCounters } from './counter-limit';
import type { CustomFragment } from './custom-fragment';
import { normalizeBootstrap } from './normalize';
import {
  connectionManagerParts,
  httpFilters,
  resolveFeatures,
  type Source,
  slot,
  upstreamParts,
  upstreamSlot,
} from './resolve-features';
import { rejectConflictingCredentials } from './routes/credential-conflicts';
import type { AuthenticationOptions, RouteOrder, RouteRule } from './routes/options';
import { rejectAmbiguousPublicPaths } from './routes/public-paths';
import { resolveRoutes } from './routes/resolve';
import type { ResolvedRoute } from './routes/resolved-route';
import { defaultSkeleton } from './skeleton';
import { boundStreamedRequests } from './streamed-limit';
import { type ConnectionManagers, skeletonFromBootstrap } from './user-skeleton';

/** The proxy, as its user describes it. */
export interface EnvoyOptions extends ProxyOptions {
  /**
   * What stands behind the proxy: one service, or several, of which some may be fallbacks.
   *
   * @example { host: 'api', port: 8080 }
   */
  readonly upstream: OneOrMore<Upstream>;
  /**
   * Further upstreams by their names, which are those of their clusters. Routes lead to them: `{ path: '/v2', upstream: 'v2' }`.
   *
   * @default - none
   */
  readonly upstreams?: Readonly<Record<string, OneOrMore<Upstream>>>;
  /**
   * The port inside the container on which clients are served.
   *
   * @default 8800
   */
  readonly port?: number;
  /**
   * Requests with options of their own, which lie over those of the proxy; `false` turns a feature off there. One that could
   * never match, since another takes all its requests, is an error.
   *
   * @default - every request has the options of the proxy
   */
  readonly routes?: readonly RouteRule[];
  /**
   * Which of the routes that fit a request counts. `mostSpecificFirst`: the one that says most of it, wherever it stands: a
   * host, then one with `*`, then none, whatever the paths; of these `exact`, then `template`, `regex`, and the longest path; of
   * one path that with more headers, then with fewer methods. `asWritten`: the first.
   *
   * @default 'mostSpecificFirst', so that a new route doesn't depend on where it is written
   */
  readonly routeOrder?: RouteOrder;
  /**
   * Which paths need no authentication, and whether one of several ways to authenticate is enough.
   *
   * @default - each request needs all authentication that is on
   * @example { publicPaths: ['/health'] }
   */
  readonly authentication?: AuthenticationOptions;
  /**
   * Fragments of your own in Envoy's words: HTTP filters with a place in the order, clusters, listeners.
   *
   * @default - none
   */
  readonly custom?: readonly CustomFragment[];
  /**
   * A whole configuration of your own to start from. It stays as it is but for its admin interface, which is ours. No feature
   * is on by default then. Each that you turn on is laid onto its HTTP connection manager and listener, onto the routes there,
   * and onto the clusters that reach the upstream, its HTTP filters before yours. What both set is an error: take it out of yours.
   *
   * @default - a configuration of our own
   */
  readonly baseConfig?: Bootstrap;
  /**
   * Which HTTP connection managers of `baseConfig` get the options, by their `stat_prefix`: `['ingress_https']`, or `'all'`.
   * Required where `baseConfig` has several and an option is set for requests, because those without the options stay open.
   *
   * @default - the only one
   */
  readonly connectionManagers?: ConnectionManagers;
  /**
   * The last word on the configuration: gets it as it would be written and returns what is written. What it returns is
   * checked like all the rest.
   *
   * @default - the configuration stays as it is
   */
  readonly patch?: (bootstrap: Bootstrap) => Bootstrap;
}

/** Envoy's configuration with what it needs around it. */
export interface Assembly {
  readonly bootstrap: Bootstrap;
  /** What holds less than it seems to. */
  readonly warnings: readonly string[];
  readonly files: readonly ProxyFile[];
  readonly ports: readonly ProxyPort[];
  /** The option that something in the configuration comes from, as `routes[0].timeouts`, `custom[1]` or `patch`. */
  readonly optionOf: (path: Path) => string | undefined;
}

/** From options to the one Bootstrap: fragments of all features, merged, and the router after the last filter. */
export function assemble(options: EnvoyOptions): Assembly {
  assertOptions(ENVOY_OPTIONS.EnvoyOptions, options, ENVOY_OPTIONS);
  const {
    upstream,
    upstreams = {},
    port,
    routes = [],
    routeOrder,
    custom = [],
    baseConfig: given,
    patch,
    ...rest
  } = options;
  const { authentication, connectionManagers, ...proxyOptions } = rest;
  const base = given && normalizeBootstrap(given);
  assertUpstreamNames(
    Object.keys(upstreams),
    routes.map(({ upstream }) => upstream),
  );
  if (base !== undefined && port !== undefined) {
    invalidOption('port', 'is that of the listener in baseConfig', port, 'change it there');
  }
  if (base === undefined && connectionManagers !== undefined) {
    invalidOption(
      'connectionManagers',
      'is about those of baseConfig, which is not set',
      connectionManagers,
      'leave it out',
    );
  }
  const all = resolveFeatures(proxyOptions, custom, base === undefined, routes);
  const main = toUpstreamGroup('upstream', upstream);
  const further = new Map(
    Object.entries(upstreams).map(([name, one]) => [name, toUpstreamGroup(`upstreams.${name}`, one)]),
  );
  const frame =
    base === undefined
      ? defaultSkeleton(port ?? DEFAULT_PORT, main)
      : skeletonFromBootstrap(base, main, connectionManagers);
  const { routes: resolvedRoutes, warnings } = resolveRoutes(all, routes, main, further, authentication, routeOrder);
  const partsOf = (name: string, { option, own, servers }: UpstreamGroup) =>
    upstreamParts(all, `${option}.`, own, name, servers);
  const mainParts = partsOf(UPSTREAM, main);
  const clusters = frame.clusters(upstreamSlot(mainParts, 'cluster'));
  const others = [...further].map(([name, group]) => {
    const parts = partsOf(name, group);
    return { group, parts, cluster: toCluster(name, group, upstreamSlot(parts, 'cluster')) };
  });
  const untrusted = slot(all, 'untrustedRequests');
  const peers = slot(all, 'trustedPeers').at(-1)?.value;
  const [heap] = [...slot(all, 'bootstrap').map(({ value }) => value), base ?? {}].flatMap((one) => heapOf(one) ?? []);
  const counting = boundCounters(all, httpFilters(all, resolvedRoutes), resolvedRoutes, heap);
  const { listeners, managers } = frame.layered({
    listener: slot(all, 'listener'),
    filterChain: slot(all, 'filterChain'),
    connectionManager: [
      ...stripIdentityHeaders(slot(all, 'identityHeaders')),
      ...stripForwardingHeaders(untrusted, peers),
      ...connectionManagerParts(all),
    ],
    httpFilters: [
      ...forwardingHeaderFilters(untrusted, peers),
      ...boundStreamedRequests(counting, [...clusters.map((cluster) => ({ cluster, group: main })), ...others]),
    ],
    rules: resolvedRoutes,
  });
  const requirements = requirementsOf(all, resolvedRoutes);
  for (const manager of managers) {
    rejectAmbiguousPublicPaths(resolvedRoutes, manager);
  }
  rejectConflictingCredentials(resolvedRoutes);
  for (const manager of managers) {
    assertRequirements(requirements, manager);
  }
  const furtherClusters = others.map(({ group, cluster }) => ({ by: group.option, value: [cluster] }));
  const ofUpstreams = [...mainParts, ...others.flatMap(({ parts }) => parts)];
  const more = (key: 'listeners' | 'clusters', parts: readonly Part<readonly object[]>[]): Part<Bootstrap>[] =>
    parts.map(({ by, value }) => ({ by, value: { static_resources: { [key]: value } } }));
  const files = [...slot(all, 'files'), ...upstreamSlot(ofUpstreams, 'files')].flatMap(({ value }) => value);
  // Without a name, Envoy reads no part of its configuration from a file of its own.
  const named = [base, ...slot(all, 'bootstrap').map(({ value }) => value)].some((one) => one?.node !== undefined);
  const node = files.length > 0 && !named ? { node: NODE } : {};
  const bootstrap = merge<Bootstrap>([
    { by: 'the core', value: { admin: ADMIN_INTERFACE, ...node } },
    frame.bootstrap(listeners, clusters),
    ...more('clusters', furtherClusters),
    ...more('listeners', slot(all, 'listeners')),
    ...more('clusters', [...slot(all, 'clusters'), ...upstreamSlot(ofUpstreams, 'clusters')]),
    ...slot(all, 'bootstrap'),
  ]);
  const ports = [...frame.ports, ...slot(all, 'ports').flatMap(({ value }) => value)];
  refusePortTwice([{ name: "Envoy's admin interface", port: ADMIN_PORT }, ...ports]);
  const patched = patch?.(structuredClone(bootstrap));
  if (patch && (typeof patched !== 'object' || patched === null)) {
    invalidOption('patch', 'must return the configuration', patched, 'return what it was given, changed');
  }
  return {
    bootstrap: patched ?? bootstrap,
    warnings,
    files,
    ports,
    optionOf: (path) =>
      patched === undefined || same(at(patched, path), at(bootstrap, path)) ? ownerOf(bootstrap, path) : 'patch',
  };
}

function requirementsOf(all: readonly Source[], rules: readonly ResolvedRoute[]): ScopedRequirement[] {
  const ofProxy = slot(all, 'requires').map(({ value }) => ({ scope: '', requires: value }));
  const ofRoutes = rules.flatMap(({ scope, match, parts }) => [
    {
      scope,
      requires: [...requiresPathAsWritten('path', match.path), ...(match.hosts ? [requiresValidHosts('hosts')] : [])],
    },
    ...parts.map(({ value }) => ({ scope, requires: value.requires ?? [] })),
  ]);
  return [...ofProxy, ...ofRoutes].flatMap(({ scope, requires }) =>
    requires.map((requirement) => ({ scope, requirement })),
  );
}

/** All that the admin interface answers, matched with their queries: its pages with any, the drain as it is. */
const ADMIN_INTERFACE = {
  address: socketAddress(ADMIN_ADDRESS, ADMIN_PORT),
  allow_paths: [{ safe_regex: { regex: `(${ADMIN_PAGES.join('|')})(\\?.*)?` } }, { exact: DRAIN_PATH }],
};

function at(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (here, key) => (typeof here === 'object' && here !== null ? (here as Record<string, unknown>)[key] : undefined),
    value,
  );
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function refusePortTwice(ports: readonly ProxyPort[]): void {
  ports.forEach(({ name, port }, index) => {
    const first = ports.slice(0, index).find((other) => other.port === port);
    if (first) {
      invalidOption(portOption(name), `is also that of '${first.name}'`, port, 'give one of them another port');
    }
  });
}
