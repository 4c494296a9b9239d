import type {
  Bootstrap,
  Cluster,
  FilterChain,
  HttpConnectionManager,
  HttpFilter,
  Listener,
  Route,
  RouteAction,
  RouteMatch,
} from '../messages/builders';
import type { HeaderMutation } from '../messages/header-mutations';
import type { envoy } from '../messages/schema/types';
import type { Network } from '../options/cidr';
import type { Server } from '../options/endpoints';
import type { Duration } from '../options/units';

/** A file that Envoy reads, at its path inside the container. */
export interface ProxyFile {
  readonly path: string;
  /**
   * The text, or what becomes one as the configuration does: for files that Envoy reads as YAML.
   *
   * @secret
   */
  readonly content: string | object;
  /** Holds a secret: nobody is shown it, and whoever must keep it marks it. */
  readonly sensitive?: true;
}

/** A port that Envoy listens on inside the container. */
export interface ProxyPort {
  readonly name: string;
  readonly port: number;
}

/** What an option relies on and another feature brings: what it says would not hold without. */
export type Requirement = {
  /** The option, as its user wrote it. */
  readonly option: string;
  readonly remedy: string;
} & (
  | {
      /** A field of the connection manager. */
      readonly field: keyof HttpConnectionManager;
      /** The values that will do; `undefined` where the field may be left out. */
      readonly values: readonly (string | boolean | undefined)[];
    }
  | {
      /** An HTTP filter, by its name. */
      readonly filter: string;
    }
  | {
      /** A refusal, by its name. */
      readonly refusal: string;
    }
);

/** Requests that the proxy refuses before any filter decides by them. */
export interface Refusal {
  readonly permission: envoy.config.rbac.v3.Permission;
  /** @default - 400, as Envoy answers what it can't parse */
  readonly answer?: Pick<
    envoy.extensions.filters.network.http_connection_manager.v3.ResponseMapper,
    'status_code' | 'body' | 'headers_to_add'
  >;
}

/** What one feature adds to the whole proxy. */
export interface ProxyFragment {
  /** Before the router, in the order of the registry. */
  readonly httpFilters?: readonly HttpFilter[];
  readonly connectionManager?: Partial<HttpConnectionManager>;
  /** By the names that the access log shows. One filter has those of all features, in the place of the first that has any. */
  readonly refusals?: Readonly<Record<string, Refusal>>;
  /**
   * Headers that only the proxy sets, so that the API and all features can believe them: in each request, whatever its route,
   * what the client sent in them is taken out before anything looks at it. Small letters, digits, `-` and `_`.
   */
  readonly identityHeaders?: readonly string[];
  /** Removes headers that only a trusted proxy may send. Applies to requests of other peers, before anything reads them. */
  readonly untrustedRequests?: readonly HeaderMutation[];
  /** The peers whose forwarding headers are believed; without, those of all peers are. */
  readonly trustedPeers?: TrustedPeers;
  /** What the API must not get. The feature's filters remove it where they are on; it is also removed where they are off. */
  readonly credentials?: Credentials;
  readonly listener?: Partial<Listener>;
  readonly filterChain?: Partial<FilterChain>;
  readonly listeners?: readonly Listener[];
  readonly clusters?: readonly Cluster[];
  readonly bootstrap?: Partial<Bootstrap>;
  readonly files?: readonly ProxyFile[];
  readonly ports?: readonly ProxyPort[];
  readonly requires?: readonly Requirement[];
  /** What every route gains. */
  readonly route?: RouteFragment;
  /** What every upstream gains, or what depends on the servers of each. */
  readonly upstream?: UpstreamFragment | ((servers: readonly Server[]) => UpstreamFragment);
}

/** What one feature adds to one route. */
export interface RouteFragment {
  /** What the whole proxy needs for it, once, in the place of the feature. Switched off on the routes without it. */
  readonly httpFilters?: readonly HttpFilter[];
  readonly route?: Partial<Route>;
  readonly action?: Partial<RouteAction>;
  /** Instead of `action` for requests whose method may be repeated without harm. */
  readonly idempotentAction?: Partial<RouteAction>;
  /** How often these actions try, which has to fit into the time that the route has in the end. */
  readonly retryTiming?: RetryTiming;
  /** What a request has that shows its credential, without which it does not pass: one of these, or none if any passes. */
  readonly credentialMatches?: readonly Partial<RouteMatch>[];
  /** Set where the feature is on, and its filters don't read the credentials, or read them and leave them in the request. */
  readonly credentials?: 'ignored' | 'left';
  readonly requires?: readonly Requirement[];
}

/** What one feature adds to one upstream. */
export interface UpstreamFragment {
  readonly cluster?: Partial<Cluster>;
  /** What the whole proxy needs for it beside, with names that no other upstream's have. */
  readonly clusters?: readonly Cluster[];
  readonly files?: readonly ProxyFile[];
}

/** How often something is tried. */
export interface RetryTiming {
  readonly maxTries: number;
  /** How long each try may take until there is another, if that was said. */
  readonly perTryTimeout?: Duration;
  /** How many tries share the time of the request one after the other, if it was not; without it, each has all of the time. */
  readonly sequentialTries?: number;
}

/** Where clients show credentials that the API must not get. */
export interface Credentials {
  readonly headers: readonly string[];
  readonly params: readonly string[];
  readonly cookies: readonly string[];
  /** Headers that the feature reads also where a request need not have them, so that they stay. */
  readonly optional?: readonly string[];
}

/** The peers whose forwarding headers are believed. */
export type TrustedPeers = 'all' | readonly Network[];
