import type { ProxyFragment, RouteFragment, UpstreamFragment } from '../fragments/fragment';
import type { Restrictions } from '../fragments/restrictions';
import type { RouteMatch } from '../messages/builders';
import type { Server } from '../options/endpoints';

/** What a feature knows besides its options for the whole proxy. */
export interface ProxyContext<RouteOptions> {
  /** The options of all routes that set the feature, for a filter that needs them beforehand. */
  readonly routeOptions: readonly RouteOptions[];
}

/** What a feature knows besides its options for a route or an upstream. */
export interface ScopeContext<ProxyOptions> {
  /** The options of the whole proxy, which those of the scope override. Not set where the feature is off there. */
  readonly inherited?: ProxyOptions;
}

export interface RouteContext<ProxyOptions> extends ScopeContext<ProxyOptions> {
  /** A name that no other route has; empty for the requests that no route matches. */
  readonly name: string;
  /** The servers that the route leads to. */
  readonly servers: readonly Server[];
}

export interface UpstreamContext<ProxyOptions> extends ScopeContext<ProxyOptions> {
  /** A name that no other upstream has. */
  readonly name: string;
  readonly servers: readonly Server[];
}

// biome-ignore lint/suspicious/noExplicitAny: assertOptions has checked the options against the types of the feature
type CheckedOptions = any;

/**
 * One feature of the proxy: from options to fragments. For the whole proxy it takes the options of `proxy`, or else those of
 * `route` and `upstream`.
 *
 * A route can change a filter of the whole proxy in one of two ways:
 *
 * - Envoy's filter has a configuration per route, as `CorsPolicy`. The fragment of the route sets it in
 *   `typed_per_filter_config`, and the proxy has one filter.
 * - Envoy's filter has none, as `body_size_limit`. Then the route brings a filter of its own in `httpFilters`. It is disabled for
 *   the proxy and enabled on the route, where the filter of the proxy is disabled.
 */
export interface Feature {
  /** On without being set; `false` as its options turns it off. */
  readonly onByDefault?: true;
  /** On without being set for an upstream that has fallbacks. */
  readonly onWithFallback?: true;
  /** Authenticates or authorizes clients. Such features are off on public routes. */
  readonly authenticates?: true;
  /** Its filters keep a counter for each value that they meet. All such counters share a part of the heap. */
  readonly keepsCounters?: true;
  /** The filters of several routes can be on for one request. */
  readonly stackable?: true;
  /** What the feature adds to the whole proxy. */
  proxy?(options: CheckedOptions, context: ProxyContext<CheckedOptions>): ProxyFragment;
  /** What the feature adds to a route. */
  route?(options: CheckedOptions, context: RouteContext<CheckedOptions>): RouteFragment;
  /** What the feature adds to an upstream. */
  upstream?(options: CheckedOptions, context: UpstreamContext<CheckedOptions>): UpstreamFragment;
  /**
   * For `authentication.anyOf`: matches a request that shows a credential of the feature, valid or not. One match of the list is enough.
   * Rejects options with which the feature would accept requests without a credential. A feature that does not authenticate
   * requests itself must have rejected invalid credentials before the first request, and can't be the last of the ways.
   */
  credentialMatches?(options: CheckedOptions, context: ScopeContext<CheckedOptions>): readonly Partial<RouteMatch>[];
  /**
   * What the feature refuses with these options of a route. A route that refuses more than others holds for all spellings of its
   * path.
   */
  restrictions?(options: CheckedOptions, context: ScopeContext<CheckedOptions>): Restrictions;
  /** Refuses all that each of these routes refuses, where no single route refuses the most. */
  combine?(routes: readonly CheckedOptions[], context: ScopeContext<CheckedOptions>): RouteFragment;
}
