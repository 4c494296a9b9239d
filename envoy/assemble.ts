import type { Bootstrap, FilterChain, HttpConnectionManager, Listener } from './api';
import { socketAddress } from './api';
import { frameOf } from './base';
import type { Path } from './check/problem';
import type { CustomFragment } from './custom';
import type { ProxyOptions } from './features';
import { merge, ownerOf, type Part, type ProxyFile, type ProxyPort } from './fragment';
import { ownFrame } from './frame';
import { ADMIN_ADDRESS, ADMIN_PAGES, ADMIN_PORT, DEFAULT_PORT, DRAIN_PATH } from './names';
import { type RouteRule, rules } from './routes';
import { httpFilters, slot, sources, upstreamParts } from './scopes';
import { checkUpstreamNames, clusterOf, type Upstream } from './upstream';
import { fail } from './values';

/** The proxy, as its user describes it. */
export interface EnvoyOptions extends ProxyOptions {
  /** What stands behind the proxy. */
  readonly upstream: Upstream;
  /**
   * Further upstreams by their names, which are those of their clusters. Routes lead to them: `{ path: '/v2', to: 'v2' }`.
   *
   * @default - none
   */
  readonly upstreams?: Readonly<Record<string, Upstream>>;
  /**
   * The port inside the container on which clients are served.
   *
   * @default 8800
   */
  readonly port?: number;
  /**
   * Requests with options of their own, which lie over those of the proxy; `false` turns a feature off there. The one that
   * says most of a request counts, whatever the order: `exact`, then `template`, `regex`, and the longest path; of one path
   * that with more headers, then with fewer methods.
   *
   * @default - every request has the options of the proxy
   */
  readonly routes?: readonly RouteRule[];
  /**
   * Fragments of your own in Envoy's words: HTTP filters with a place in the order, clusters, listeners.
   *
   * @default - none
   */
  readonly custom?: readonly CustomFragment[];
  /**
   * A whole configuration of your own to start from. It stays as it is but for its admin interface, which is ours. Of the
   * features `adminView` alone is on by default then; each that you turn on is laid onto its first HTTP listener, its routes, and
   * the cluster that reaches the upstream, its HTTP filters before yours. What both set is an error: take it out of yours.
   *
   * @default - a configuration of our own
   */
  readonly base?: Bootstrap;
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
  readonly files: readonly ProxyFile[];
  readonly ports: readonly ProxyPort[];
  /** The option that something in the configuration comes from, as `routes[0].timeouts`, `custom[1]` or `patch`. */
  readonly optionOf: (path: Path) => string | undefined;
}

/** From options to the one Bootstrap: fragments of all features, merged, and the router after the last filter. */
export function assemble(options: EnvoyOptions): Assembly {
  const { upstream, upstreams = {}, port, routes = [], custom = [], base, patch, ...proxyOptions } = options;
  checkUpstreamNames(
    Object.keys(upstreams),
    routes.map(({ to }) => to),
  );
  if (base !== undefined && port !== undefined) {
    fail('port', 'is that of the listener in base', port, 'change it there');
  }
  const all = sources(proxyOptions, custom, (name) => base === undefined || name === 'adminView', routes);
  const frame = base === undefined ? ownFrame(port ?? DEFAULT_PORT, upstream) : frameOf(base, upstream);
  const rulesInOrder = rules(all, routes, Object.keys(upstreams));
  const manager = merge<Partial<HttpConnectionManager>>([
    frame.manager.head,
    ...slot(all, 'connectionManager'),
    ...frame.manager.tail(rulesInOrder, httpFilters(all, rulesInOrder)),
  ]) as HttpConnectionManager;
  const chain = merge<Partial<FilterChain>>([frame.chain(manager), ...slot(all, 'filterChain')]) as FilterChain;
  const listener = merge<Partial<Listener>>([
    frame.listener.head,
    ...slot(all, 'listener'),
    frame.listener.tail(chain),
  ]) as Listener;
  const clusterParts = (option: string, { host, port: _port, ...own }: Upstream) =>
    upstreamParts(all, `${option}.`, own, host).map(({ by, value }) => ({ by, value: value.cluster ?? {} }));
  const cluster = frame.cluster(clusterParts('upstream', upstream));
  const further = Object.entries(upstreams).map(([name, one]): Part<Bootstrap> => {
    const option = `upstreams.${name}`;
    const clusters = [clusterOf(name, option, one, clusterParts(option, one))];
    return { by: option, value: { static_resources: { clusters } } };
  });
  const more = (key: 'listeners' | 'clusters'): Part<Bootstrap>[] =>
    slot(all, key).map(({ by, value }) => ({ by, value: { static_resources: { [key]: value } } }));
  const bootstrap = merge<Bootstrap>([
    { by: 'the core', value: { admin: ADMIN_INTERFACE } },
    frame.bootstrap(listener, cluster),
    ...further,
    ...more('listeners'),
    ...more('clusters'),
    ...slot(all, 'bootstrap'),
  ]);
  const ports = [...frame.ports, ...slot(all, 'ports').flatMap(({ value }) => value)];
  refusePortTwice([{ name: "Envoy's admin interface", port: ADMIN_PORT }, ...ports]);
  const patched = patch?.(structuredClone(bootstrap));
  if (patch && (typeof patched !== 'object' || patched === null)) {
    fail('patch', 'must return the configuration', patched, 'return what it was given, changed');
  }
  return {
    bootstrap: patched ?? bootstrap,
    files: slot(all, 'files').flatMap(({ value }) => value),
    ports,
    optionOf: (path) =>
      patched === undefined || same(at(patched, path), at(bootstrap, path)) ? ownerOf(bootstrap, path) : 'patch',
  };
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
      fail(`port of '${name}'`, `is also that of '${first.name}'`, port, 'give one of them another port');
    }
  });
}
