import { accessLog } from './access-log';
import { adaptiveConcurrency } from './adaptive-concurrency';
import { adminView } from './admin-view';
import { admissionControl } from './admission-control';
import { apiKeys } from './api-keys';
import { authorization } from './authorization';
import { basicAuth } from './basic-auth';
import { bodyLimit } from './body-limit';
import { circuitBreaker } from './circuit-breaker';
import { clientIp } from './client-ip';
import { cors } from './cors';
import { csrf } from './csrf';
import { discovery } from './discovery';
import type { Feature } from './feature';
import { globalRateLimit } from './global-rate-limit';
import { healthCheck } from './health-check';
import { identityRateLimit } from './identity-rate-limit';
import { jwt } from './jwt';
import { limits } from './limits';
import { loadBalancing } from './load-balancing';
import { localReplies } from './local-replies';
import { outlierDetection } from './outlier-detection';
import { pathNormalization } from './path-normalization';
import { rateLimit } from './rate-limit';
import { requestBuffering } from './request-buffering';
import { requestHeaders } from './request-headers';
import { retries } from './retries';
import { securityHeaders } from './security-headers';
import { streaming } from './streaming';
import { timeouts } from './timeouts';
import { tls } from './tls';
import { upgrades } from './upgrades';
import { upstreamTls } from './upstream-tls';

/** Every feature, in the order in which a request meets its HTTP filters. The assembler puts the router after the last. */
export const features = {
  /** TLS to the clients. Off unless set. First, so that no answer goes past the header that it adds, whoever refuses. */
  tls,
  /** What browsers are told about the answers. Off unless set. Before all that refuse, as those answers are for browsers, too. */
  securityHeaders,
  /** One line of JSON a request on standard output. On by default. */
  accessLog,
  /** Envoy's admin pages, read-only, on a port of their own. Off unless set. */
  adminView,
  /** Connections, streams and memory that clients can take. On by default. */
  limits,
  /** One spelling for each path. On by default. */
  pathNormalization,
  /** Whose address counts as the client's. On by default: that of the connection. */
  clientIp,
  /** Which request headers are believed. On by default. */
  requestHeaders,
  /** Which other sites' pages may call. Off unless set. Before all that refuses: preflights carry no credentials. */
  cors,
  /**
   * Which other sites' pages may change things. Off unless set. After `cors`: pages of a site allowed there can read that they
   * were refused. Before all that counts or asks who it is: what a page does behind a user's back takes no request from them.
   */
  csrf,
  /**
   * How many requests may come. Off unless set. Before authentication, so that guessing and floods are counted, too; after
   * `cors`: a preflight costs nobody a request, and the pages of an allowed site can read that they were too fast.
   */
  rateLimit,
  /** Keys of known clients. Off unless set. Before all that looks at what a client may do. */
  apiKeys,
  /** Names and passwords. Off unless set. Before all that looks at what a client may do. */
  basicAuth,
  /** Bearer tokens. Off unless set. Before all that looks at what a client may do. */
  jwt,
  /** Who may do what. Off unless set. After all that tells who a client is, as its rules ask for that. */
  authorization,
  /**
   * How many requests each may send who has shown who it is. Off unless set. After all that finds out who that is and what
   * it may do: what is refused there costs nobody a request.
   */
  identityRateLimit,
  /** How many requests may come to several sidecars together. Off unless set. What others refuse before is not asked for. */
  globalRateLimit,
  /** Opens when the API fails, and closes again. Off unless set. The last to refuse: it judges what the API answers. */
  admissionControl,
  /** How large requests may be. Off unless set. After all that refuses without having read the body. */
  bodyLimit,
  /**
   * Slow bodies don't take the API's connections. On by default. After `bodyLimit`: a body that it holds is complete, and is
   * none of those that are bounded.
   */
  requestBuffering,
  /** Refuses what the API does not bear at once. Off unless set. After `bodyLimit`: a slow body is no slowness of the API. */
  adaptiveConcurrency,
  /** Responses that may take as long as they like. On by default. After all that refuse: a refused request has no response. */
  streaming,
  /** Protocols that a client may change to, as WebSocket. On by default. */
  upgrades,
  /** What a refused client gets. On by default. After all that refuse: what they say of their own answers counts first. */
  localReplies,
  /** How long things may take. On by default. */
  timeouts,
  /** Failed requests are tried again. On by default. */
  retries,
  /** How the API's addresses are found. On by default. */
  discovery,
  /** Only replicas that are well get requests. On where the upstream names a health path, or has a fallback. */
  healthCheck,
  /** How much the API is given at once. On by default. */
  circuitBreaker,
  /** Replicas that answer badly get no requests for a while. Off unless set, or the upstream has a fallback. */
  outlierDetection,
  /** Which replica gets a request. On by default. */
  loadBalancing,
  /** TLS to the API. Off unless set. */
  upstreamTls,
} satisfies Record<string, Feature>;

// `keyof typeof features` stands inline in each mapped type: through an alias the editor loses the docstrings.
type Options<F> = F extends { proxy: TakesOptions<infer O> }
  ? O
  : F extends { route: TakesOptions<infer O> }
    ? O
    : F extends { upstream: TakesOptions<infer O> }
      ? O
      : never;

type TakesOptions<O> = (options: O, context: never) => unknown;

/** Every feature's options for the whole proxy. */
export type ProxyOptions = {
  readonly [Name in keyof typeof features]?: Options<(typeof features)[Name]> | false;
};

/** The features of which one can be enough, with `authentication.anyOf`. */
export type Authenticator = {
  readonly [Name in keyof typeof features]: (typeof features)[Name] extends { credentialMatches: unknown }
    ? Name
    : never;
}[keyof typeof features];

type At<Scope extends 'route' | 'upstream'> = {
  readonly [Name in keyof typeof features as (typeof features)[Name] extends Record<Scope, unknown> ? Name : never]?:
    | ((typeof features)[Name] extends Record<Scope, TakesOptions<infer O>> ? O : never)
    | false;
};

/** The options of the features that one route can have of its own. */
export type RouteOptions = At<'route'>;

/** The options of the features that one upstream can have of its own. */
export type UpstreamOptions = At<'upstream'>;
