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
  /**
   * Serves HTTPS and HTTP/2 to clients. Off unless set. First, so that rejected requests also get its response header.
   */
  tls,
  /**
   * Adds the response headers that OWASP recommends for APIs. Off unless set. Before all features that reject requests, so
   * that their responses also get these headers.
   */
  securityHeaders,
  /** Logs a line of JSON for each request on standard output. On by default. */
  accessLog,
  /** Serves Envoy's admin pages, read-only, on a separate port. Off unless set. */
  adminView,
  /** Bounds connections, streams, buffers and memory. On by default. */
  limits,
  /** Normalizes each path and rejects ambiguous ones. On by default. */
  pathNormalization,
  /** Decides which address counts as the client's. On by default: the address of the connection. */
  clientIp,
  /** Removes forged forwarding headers and rejects ambiguous headers. On by default. */
  requestHeaders,
  /**
   * Lets pages of other sites call the API from a browser. Off unless set. Before all features that reject requests, because
   * preflight requests carry no credentials.
   */
  cors,
  /**
   * Rejects state-changing requests that pages of other sites send. Off unless set. After `cors`: pages of an allowed site
   * can read the rejection. Before rate limits and authentication, so that foreign pages can't use up a user's rate.
   */
  csrf,
  /**
   * Limits the rate of requests. Off unless set. Before authentication, so that it also counts guessed credentials. After
   * `cors`: preflight requests don't count, and pages of an allowed site can read the 429.
   */
  rateLimit,
  /** Requires the API key of a known client. Off unless set. Before authorization. */
  apiKeys,
  /** Requires a user name and its password. Off unless set. Before authorization. */
  basicAuth,
  /** Requires a valid bearer token. Off unless set. Before authorization. */
  jwt,
  /**
   * Allows and denies requests by rules. Off unless set. After authentication, because its rules use the client's identity.
   */
  authorization,
  /**
   * Limits the rate of requests of each authenticated client. Off unless set. After authentication and authorization, so
   * that requests rejected there don't count.
   */
  identityRateLimit,
  /**
   * Limits the rate of requests to several sidecars together. Off unless set. Late, so that requests rejected before cause
   * no call to the rate limit service.
   */
  globalRateLimit,
  /**
   * Rejects part of the requests while the API answers with errors. Off unless set. After the other features that reject
   * requests, because it counts the API's responses.
   */
  admissionControl,
  /**
   * Rejects larger request bodies with 413. Off unless set. After all features that reject a request without its body.
   */
  bodyLimit,
  /**
   * Holds small request bodies until they are complete, so slow clients block no connection to the API. On by default. After
   * `bodyLimit`, which already holds complete bodies.
   */
  requestBuffering,
  /**
   * Adapts the number of concurrent requests to the API's latency. Off unless set. After `bodyLimit`, so that slow bodies
   * don't count as latency of the API.
   */
  adaptiveConcurrency,
  /** Lets event streams and gRPC calls outlive the timeout of requests. On by default. After all filters that reject requests. */
  streaming,
  /** Passes WebSockets to the API. On by default. */
  upgrades,
  /**
   * Answers rejected requests with `application/problem+json`. On by default. After all features that reject requests,
   * because their own responses come first.
   */
  localReplies,
  /** Ends slow requests, slow clients and idle connections. On by default. */
  timeouts,
  /** Sends failed requests again, to another replica if there is one. On by default. */
  retries,
  /** Finds the addresses of the API by DNS. On by default. */
  discovery,
  /** Sends requests to healthy replicas only. On if the upstream has a health path or a fallback. */
  healthCheck,
  /** Limits connections and requests to the API. On by default. */
  circuitBreaker,
  /** Ejects failing replicas for a while. Off unless set, or on if the upstream has a fallback. */
  outlierDetection,
  /** Chooses a replica for each request. On by default. */
  loadBalancing,
  /** Speaks TLS to the API and verifies its certificate. Off unless set. */
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
