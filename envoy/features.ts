import { accessLog } from './features/access-log';
import { adminView } from './features/admin-view';
import { circuitBreaker } from './features/circuit-breaker';
import { clientIp } from './features/client-ip';
import { cors } from './features/cors';
import { discovery } from './features/discovery';
import { headers } from './features/headers';
import { healthCheck } from './features/health-check';
import { jwt } from './features/jwt';
import { limits } from './features/limits';
import { loadBalancing } from './features/load-balancing';
import { outlierDetection } from './features/outlier-detection';
import { pathNormalization } from './features/path-normalization';
import { rateLimit } from './features/rate-limit';
import { retries } from './features/retries';
import { timeouts } from './features/timeouts';
import { tls } from './features/tls';
import { upstreamTls } from './features/upstream-tls';
import type { ProxyFragment, RouteFragment, UpstreamFragment } from './fragment';

/**
 * A feature at the scopes it has. At the whole proxy it takes `proxy`'s options, or else those of `route` and `upstream`.
 * These two get the options of their own route or upstream, and those of the whole proxy, which they lie over. They are
 * also told where: the name of the route, for what a route has of its own, or the host of the upstream. `proxy` is told what
 * its routes say, for what a filter has to know of them beforehand.
 */
export interface Feature {
  /** Whether it is there without being asked for; `false` as its options turns it off. */
  readonly onByDefault?: true;
  readonly proxy?: (options: never, ofRoutes: never) => ProxyFragment;
  readonly route?: (options: never, whole: never, name: string) => RouteFragment;
  readonly upstream?: (options: never, whole: never, host: string) => UpstreamFragment;
}

/** Every feature, in the order in which a request meets its HTTP filters. The assembler puts the router after the last. */
export const features = {
  /** TLS to the clients. Off unless set. First, so that no answer goes past the header that it adds, whoever refuses. */
  tls,
  /** One line of JSON a request on standard output. On by default. */
  accessLog,
  /** Envoy's admin pages, read-only, on a port of their own. On by default. */
  adminView,
  /** Connections, streams and memory that clients can take. On by default. */
  limits,
  /** One spelling for each path. On by default. */
  pathNormalization,
  /** Whose address counts as the client's. On by default: that of the connection. */
  clientIp,
  /** Which request headers are believed. On by default. */
  headers,
  /** Which other sites' pages may call. Off unless set. Before all that refuses: preflights carry no credentials. */
  cors,
  /**
   * How many requests may come. Off unless set. Before authentication, so that guessing and floods are counted, too; after
   * `cors`: a preflight costs nobody a request, and the pages of an allowed site can read that they were too fast.
   */
  rateLimit,
  /** Bearer tokens. Off unless set. Before all that looks at what a client may do. */
  jwt,
  /** How long things may take. On by default. */
  timeouts,
  /** Failed requests are tried again. On by default. */
  retries,
  /** How the API's addresses are found. On by default. */
  discovery,
  /** Only replicas that are well get requests. On where the upstream names a health path. */
  healthCheck,
  /** How much the API is given at once. On by default. */
  circuitBreaker,
  /** Replicas that answer badly get no requests for a while. Off unless set. */
  outlierDetection,
  /** Which replica gets a request. On by default. */
  loadBalancing,
  /** TLS to the API. Off unless set. */
  upstreamTls,
} satisfies Record<string, Feature>;

// `keyof typeof features` stands inline in each mapped type: through an alias the editor loses the docstrings.
type Options<F> = F extends { proxy: (options: infer O, ofRoutes: never) => unknown }
  ? O
  : F extends { route: (options: infer O, whole: never, name: string) => unknown }
    ? O
    : F extends { upstream: (options: infer O, whole: never, host: string) => unknown }
      ? O
      : never;

/** Every feature's options for the whole proxy. */
export type ProxyOptions = {
  readonly [Name in keyof typeof features]?: Options<(typeof features)[Name]> | false;
};

type At<Scope extends 'route' | 'upstream'> = {
  readonly [Name in keyof typeof features as (typeof features)[Name] extends Record<Scope, unknown> ? Name : never]?:
    | ((typeof features)[Name] extends Record<Scope, (options: infer O, whole: never, where: string) => unknown>
        ? O
        : never)
    | false;
};

/** The options of the features that one route can have of its own. */
export type RouteOptions = At<'route'>;

/** The options of the features that one upstream can have of its own. */
export type UpstreamOptions = At<'upstream'>;
