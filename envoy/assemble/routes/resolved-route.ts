import type { Authenticator, RouteOptions } from '../../features/registry';
import type { RouteMatch } from '../../messages/builders';
import type { Server } from '../../options/endpoints';
import type { RouteMatchOptions } from '../../options/route-match';
import type { RouteParts } from '../resolve-features';
import type { RouteActionOptions } from './action';
import type { Spellings } from './path-spellings';

/** A rule with what its authentication is made of. */
export interface ChosenRule extends ResolvedRoute {
  readonly options: RouteOptions;
  /** The ways to authenticate of the route, and of the whole proxy where it says nothing. */
  readonly anyOf: readonly Authenticator[] | undefined;
  readonly ofAll: readonly Authenticator[] | undefined;
  readonly forwardCredentials: true | undefined;
  /** Where its requests go, if Envoy doesn't answer. */
  readonly servers: readonly Server[];
}

/** A rule with what the features make of it. */
export interface ResolvedRoute extends RouteParts {
  readonly match: RouteMatchOptions;
  readonly action: RouteActionOptions;
  /** The option it comes from, with a dot: `routes[0].`. */
  readonly scope: string;
  /** The authentication that is on for the whole proxy, and off here. */
  readonly open: readonly string[];
  /** What a request has, beside the match, to be judged in this way of several. */
  readonly shown?: Partial<RouteMatch>;
  /** The path in all its spellings, if the rule holds for these. */
  readonly spellings?: Spellings;
}
