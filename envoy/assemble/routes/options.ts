import type { Authenticator, RouteOptions } from '../../features/registry';
import type { RouteMatchOptions } from '../../options/route-match';
import type { RouteActionOptions } from './action';

/** What a route says of authentication as a whole. */
export interface RouteAuthentication {
  /**
   * Whether anybody may come, without showing who it is: all authentication is off there.
   *
   * @default - no
   */
  readonly public?: true;
  /**
   * The ways to authenticate of which one is enough here, as `anyOf` of the whole proxy.
   *
   * @default - that of the whole proxy
   */
  readonly anyOf?: readonly Authenticator[];
  /**
   * Passes credentials to the API where authentication is off, for an API that checks its own there. Without, `forward: false`
   * of `jwt`, `apiKeys` and `basicAuth` holds on this route as on others.
   *
   * @default - no
   */
  readonly forwardCredentials?: true;
}

/** Requests that have options of their own: which, what becomes of them, and the features there. */
export interface RouteRule extends RouteMatchOptions, RouteActionOptions, RouteAuthentication, RouteOptions {}

/** Which route is tried first. */
export type RouteOrder = 'mostSpecificFirst' | 'asWritten';
