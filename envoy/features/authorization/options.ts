import type { Method, RouteMatchOptions } from '../../options/route-match';

export type Effect = 'allow' | 'deny';

/**
 * Who may do what. A request that a `deny` rule fits gets 403, and so does one that no `allow` rule fits: what nobody thought
 * of is refused. In the access log, `details` names the rule, `deny[0]`, or `none` where no `allow` rule fits.
 *
 * A route's own lists count instead of the proxy's; the one that it doesn't have it takes from there. `authorization: false`
 * asks nothing there, and `deny: []` lifts the `deny` rules alone. For other spellings of the route's path, as `/ADMIN` or
 * `/admin;x`, its `allow` counts together with that of the proxy, and the `deny` rules of both.
 */
export interface AuthorizationRules {
  /**
   * Who may pass. `'all'`: whoever no `deny` rule fits.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/rbac_filter
   * @default - on a route, that of the whole proxy, where it has to be said
   */
  readonly allow?: 'all' | readonly AuthorizationRule[];
  /**
   * Who may not, whatever `allow` says.
   *
   * @default - nobody; on a route, as on the whole proxy
   */
  readonly deny?: readonly AuthorizationRule[];
  /**
   * With `true`, nobody is refused: a request that would be is told of in the log, in a line of its own with its
   * `request_id`, and counts in `http.ingress_http.rbac.deny.shadow_denied` or `allow.shadow_denied`. To try out rules.
   *
   * @default false
   */
  readonly shadow?: boolean;
}

/** On the whole proxy it has to be said who may pass. */
export type AuthorizationOptions = AuthorizationRules & Required<Pick<AuthorizationRules, 'allow'>>;

/**
 * Requests, by what they are and who sends them. A rule fits where all of its conditions do; a condition, where one of its
 * list does.
 */
export interface AuthorizationRule {
  /**
   * What the token says that `jwt` verified, by the names of its claims: `{ role: ['admin', 'ops'] }`. All of these, with
   * one of the values each: the claim is it, or is a list that holds it. A dot leads into a claim that is an object, but in a
   * name that is a URL, `https://example.com/roles`. Needs `jwt`.
   *
   * @default - any, or no token
   */
  readonly claims?: Readonly<Record<string, readonly (string | number | boolean)[]>>;
  /**
   * The scopes that the token has to have, in `scope` or `scp`. All of them, unlike other lists, as what needs two is not for
   * who has one; for alternatives write two rules. Needs `jwt`.
   *
   * @default - any
   */
  readonly scopes?: readonly string[];
  /**
   * The clients that sent an API key, by their names in `apiKeys`, which it needs. What clients claim to be in `x-api-client` is removed.
   *
   * @default - any
   */
  readonly clients?: readonly string[];
  /**
   * The users that gave their password, by `basicAuth`, which it needs. What clients claim to be in `x-user-name` is removed.
   *
   * @default - any
   */
  readonly users?: readonly string[];
  /**
   * A name in the client's certificate, which TLS has verified: one of a host, an e-mail address or a URI, the whole name or
   * `{ suffix: '.example.com' }`. The subject doesn't count. Without client certificates nobody has one.
   *
   * @default - any, or no certificate
   */
  readonly certificates?: readonly (string | { readonly suffix: string })[];
  /**
   * The methods.
   *
   * @default - all
   */
  readonly methods?: readonly Method[];
  /**
   * The paths, as in `routes`: `/admin` is also `/admin/users`, and not `/adminx`. What an API may take for a path that is
   * denied is denied, too: `/ADMIN`, `/admin;x` and `/x/..;/admin`; so a `deny` rule has no `template`, and other spellings of
   * its `regex` are yours to think of. Needs `pathNormalization`.
   *
   * @default - all
   */
  readonly paths?: readonly RouteMatchOptions['path'][];
  /**
   * The headers, as in `routes`: a value, `true` for any value, or `{ regex }` for the whole value. All of these. Clients write
   * what they like, so none tells who they are. A value is denied also among others; from Envoy 1.38 on it is allowed so, too,
   * where the header comes several times.
   *
   * @default - any
   */
  readonly headers?: RouteMatchOptions['headers'];
  /**
   * The networks of the clients, as `'10.0.0.0/8'`. `clientIp` says whose address counts: behind a proxy that it doesn't
   * know, all clients have the address of the proxy.
   *
   * @default - all
   */
  readonly addresses?: readonly string[];
}
