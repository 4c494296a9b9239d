import type { Authenticator, RouteOptions } from '../../features/registry';
import type { RouteMatchOptions } from '../../options/route-match';
import type { RouteActionOptions } from './action';

/** How the whole proxy combines `apiKeys`, `basicAuth`, `jwt` and client certificates. */
export interface AuthenticationOptions {
  /**
   * Paths that need no authentication. A text means the path and all below it, `{ exact: '/health' }` that path alone. Short for
   * a route `{ path, authentication: { public: true } }`.
   *
   * @default - none
   * @example ['/health']
   */
  readonly publicPaths?: readonly RouteMatchOptions['path'][];
  /**
   * Ways to authenticate of which one is enough: `['jwt', 'apiKeys']`. The first one whose credential a request has, valid or
   * not, decides alone. A request without any credential gets the response of the last one. Authentication that is on and not
   * in the list is required as well. `tls` means a certificate of `tls.clientCertificates` with `required: false`, and can't be
   * the last.
   *
   * @default - all authentication that is on is required
   */
  readonly anyOf?: readonly Authenticator[];
}

/** Authentication on one route. */
export interface RouteAuthentication {
  /**
   * Allows unauthenticated requests on this route.
   *
   * @default - the route needs the authentication of the whole proxy
   */
  readonly public?: true;
  /**
   * Ways to authenticate of which one is enough on this route, see `authentication.anyOf` of the whole proxy.
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
export interface RouteRule extends RouteMatchOptions, RouteActionOptions, RouteOptions {
  /**
   * Authentication on this route: none, one of several ways, or credentials that the API gets.
   *
   * @default - that of the whole proxy
   * @example { public: true }
   */
  readonly authentication?: RouteAuthentication;
}

/** Which route is tried first. */
export type RouteOrder = 'mostSpecificFirst' | 'asWritten';
