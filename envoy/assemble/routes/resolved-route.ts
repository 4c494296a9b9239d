import type { Authenticator, RouteOptions } from '../../features/registry';
import type { RouteMatch } from '../../messages/builders';
import type { Server } from '../../options/endpoints';
import type { RouteMatchOptions } from '../../options/route-match';
import type { RouteParts } from '../resolve-features';
import type { RouteActionOptions } from './action';
import type { Spellings } from './path-spellings';

/** A route with what the features add to it. */
export interface ResolvedRoute extends RouteParts {
  readonly match: RouteMatchOptions;
  readonly action: RouteActionOptions;
  /** The option it comes from, with a dot: `routes[0].`. */
  readonly scope: string;
  /** The features that the route sets or turns off. */
  readonly options: RouteOptions;
  /** The servers that the route leads to, unless Envoy answers. */
  readonly servers: readonly Server[];
  /** `authentication.anyOf` of the route. */
  readonly anyOf: readonly Authenticator[] | undefined;
  /** `authentication.anyOf` of the whole proxy, where it holds for the route. */
  readonly ofAll: readonly Authenticator[] | undefined;
  readonly forwardCredentials: true | undefined;
  /** The authentication that is on for the whole proxy, and off here. */
  readonly open: readonly string[];
  /** What a request has, beside the match, to be judged in this way of several. */
  readonly shown?: Partial<RouteMatch>;
  /** The path in all its spellings, if the rule holds for these. */
  readonly spellings?: Spellings;
}
