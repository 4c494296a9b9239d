import type { Refusals } from '../../assemble/routes/strictness';
import type { Need, ProxyFragment, RouteFragment } from '../../fragments/fragment';
import { apiClients, asWritten, onePath, passwords, tokens } from '../../fragments/requirements';
import { extension, type HttpConnectionManager, type HttpFilter, typed } from '../../messages/builders';
import { API_CLIENT_HEADER, authorizationFilter, USER_HEADER } from '../../messages/resource-names';
import type { Method, RouteMatchOptions } from '../../options/route-match';
import { fail, flag, refuseUnknown } from '../../options/validate';
import { bothPolicies, type Effect, type Policy, policiesOf } from './rbac-policy';

/**
 * Who may do what. A request that a `deny` rule fits gets 403, and so does one that no `allow` rule fits: what nobody thought
 * of is refused. In the access log, `details` names the rule, `deny[0]`, or `none` where no `allow` rule fits.
 *
 * A route's own lists count instead of the proxy's; the one that it doesn't have it takes from there. `authorization: false`
 * asks nothing there, and `deny: []` lifts the `deny` rules alone. For other spellings of the route's path, as `/ADMIN` or
 * `/admin;x`, its `allow` counts together with that of the proxy, and the `deny` rules of both.
 *
 * @option `authorization`, for all and on a route
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
 *
 * @option `authorization: { allow: [{ … }], deny: [{ … }] }`
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
   * know, or one of Docker's own, all clients are one.
   *
   * @default - all
   */
  readonly addresses?: readonly string[];
}

const RBAC = 'envoy.extensions.filters.http.rbac.v3.RBAC';

/** The rules of one place, with what it takes from the whole proxy. */
type Settled = { readonly [Of in Effect]: readonly AuthorizationRule[] | 'all' } & { readonly shadow: boolean };

const EFFECTS = ['deny', 'allow'] as const;

function proxy(options: AuthorizationOptions, ofRoutes: readonly AuthorizationRules[] = []): ProxyFragment {
  checkRules(options);
  if (options.allow === undefined) {
    fail('authorization.allow', 'must say who may pass', options.allow, "write rules, or 'all'");
  }
  const whole = over(options, {});
  const everywhere = [whole, ...ofRoutes.map((own) => over(own, options))];
  const filters = EFFECTS.filter((effect) => everywhere.some((rules) => isFilter(rules[effect]))).map((effect) =>
    filter(effect, whole),
  );
  const headers = identityHeaders(everywhere);
  const shadowed = EFFECTS.filter((effect) => everywhere.some((rules) => rules.shadow && isFilter(rules[effect])));
  const needs = needsOf(options);
  return {
    ...(needs.length > 0 && { needs }),
    ...(filters.length > 0 && { httpFilters: filters }),
    ...(headers.length > 0 && { identityHeaders: headers }),
    ...(shadowed.length > 0 && { connectionManager: { access_log: shadowed.map(shadowLog) } }),
  };
}

function route(own: AuthorizationRules, whole: Partial<AuthorizationOptions> = {}): RouteFragment {
  if (whole.allow === undefined) {
    const remedy = "write authorization: { allow: 'all' } there, if all other requests may pass";
    fail('authorization', 'needs that of the whole proxy', own, remedy);
  }
  checkRules(own);
  const ofAll = over(whole, {});
  const here = over(own, whole);
  const changed = EFFECTS.filter((effect) => own[effect] !== undefined || own.shadow !== undefined).filter(
    (effect) => isFilter(here[effect]) || isFilter(ofAll[effect]),
  );
  const config = (effect: Effect) =>
    typed('envoy.extensions.filters.http.rbac.v3.RBACPerRoute', { rbac: rbacOf(effect, here) });
  const perFilter = changed.map((effect) => [authorizationFilter(effect), config(effect)]);
  return {
    // Without, other spellings of the route's path would be under the rules of the whole proxy.
    needs: [...onePath('authorization'), ...needsOf(own)],
    ...(changed.length > 0 && { route: { typed_per_filter_config: Object.fromEntries(perFilter) } }),
  };
}

/** Each rule that denies on its own; of those that allow, all that there are. */
function refusals(own: AuthorizationRules, whole: AuthorizationRules): Refusals {
  const { allow, deny, shadow } = over(own, whole);
  const denied = isFilter(deny) && !shadow ? deny.map((rule) => [`deny ${JSON.stringify(rule)}`, []]) : [];
  const allowed = isFilter(allow) && !shadow ? [['allow', allow.map((rule) => JSON.stringify(rule))]] : [];
  return Object.fromEntries([...denied, ...allowed]);
}

/** What is denied on any of these routes is, and what is allowed on all of them. */
function together(routes: readonly AuthorizationRules[], whole: AuthorizationRules): RouteFragment {
  const places = [whole, ...routes.map((own) => over(own, whole))].filter(({ shadow }) => !shadow);
  const lists = (effect: Effect) => places.map((place) => place[effect] ?? []).filter(isFilter);
  const denied = [...new Set(lists('deny').flat())];
  const allowed = [...new Set(lists('allow'))].map((list) => policiesOf('allow', list)).reduce(bothPolicies, {});
  const config = (effect: Effect, policies: Record<string, Policy>) => [
    authorizationFilter(effect),
    typed('envoy.extensions.filters.http.rbac.v3.RBACPerRoute', {
      rbac: { ...prefixesOf(effect), rules: { action: ACTIONS[effect], policies } },
    }),
  ];
  const configs = [
    ...(denied.length > 0 ? [config('deny', policiesOf('deny', denied))] : []),
    ...(Object.keys(allowed).length > 0 ? [config('allow', allowed)] : []),
  ];
  return { route: { typed_per_filter_config: Object.fromEntries(configs) } };
}

/** What rules rely on, for the options that have them. */
function needsOf({ allow = [], deny = [] }: AuthorizationRules): Need[] {
  const lists = { allow, deny };
  return EFFECTS.flatMap((effect) => {
    const list = lists[effect];
    return isFilter(list) ? list.flatMap((rule, index) => needsOfRule(`authorization.${effect}[${index}]`, rule)) : [];
  });
}

function needsOfRule(at: string, { claims, scopes, clients, users, paths, addresses }: AuthorizationRule): Need[] {
  return [
    ...(claims ? [tokens(`${at}.claims`)] : []),
    ...(scopes ? [tokens(`${at}.scopes`)] : []),
    ...(clients ? [apiClients(`${at}.clients`)] : []),
    ...(users ? [passwords(`${at}.users`)] : []),
    ...(paths
      ? [...onePath(`${at}.paths`), ...paths.flatMap((path, index) => asWritten(`${at}.paths[${index}]`, path))]
      : []),
    ...(addresses ? [knownClient(`${at}.addresses`)] : []),
  ];
}

/** Unless it is said whose address counts, it is the last that a client claims. */
function knownClient(option: string): Need {
  const remedy = "choose a clientIp, as 'direct', or in base set this there";
  return { option, field: 'use_remote_address', values: [true, false], remedy };
}

function checkRules({ allow, deny, shadow = false, ...unknown }: AuthorizationRules): void {
  refuseUnknown('authorization', unknown);
  flag('authorization.shadow', shadow);
  if (allow !== 'all' && allow !== undefined && !Array.isArray(allow)) {
    fail('authorization.allow', "must be a list of rules or 'all'", allow, "write for example [{ scopes: ['read'] }]");
  }
  if (allow?.length === 0) {
    const remedy = "write 'all' for anybody; for nobody, on a route: respond: { status: 403 }";
    fail('authorization.allow', 'must have a rule', allow, remedy);
  }
  if (deny !== undefined && !Array.isArray(deny)) {
    fail('authorization.deny', 'must be a list of rules', deny, "write for example [{ paths: ['/admin'] }]");
  }
}

const over = ({ allow, deny, shadow }: AuthorizationRules, whole: AuthorizationRules): Settled => ({
  allow: allow ?? whole.allow ?? 'all',
  deny: deny ?? whole.deny ?? [],
  shadow: shadow ?? whole.shadow ?? false,
});

const isFilter = (rules: readonly AuthorizationRule[] | 'all'): rules is readonly AuthorizationRule[] =>
  rules !== 'all' && rules.length > 0;

/** One filter for each list, so that their rules can say all that Envoy's can, and a route can replace one of them. */
function filter(effect: Effect, rules: Settled): HttpFilter {
  return extension(authorizationFilter(effect), RBAC, rbacOf(effect, rules));
}

function rbacOf(effect: Effect, { shadow, [effect]: list }: Settled) {
  const prefixes = prefixesOf(effect);
  if (!isFilter(list)) {
    return prefixes;
  }
  const rules = { action: ACTIONS[effect], policies: policiesOf(effect, list) };
  return { ...prefixes, ...(shadow ? { shadow_rules: rules } : { rules }) };
}

const prefixesOf = (effect: Effect) => ({ rules_stat_prefix: effect, shadow_rules_stat_prefix: effect });

const ACTIONS = { deny: 'DENY', allow: 'ALLOW' } as const;

/** Whoever believes a header takes it out of what clients send, or its rules could be met by anybody. */
function identityHeaders(places: readonly Settled[]): string[] {
  const rules = places.flatMap(({ allow, deny }) => [allow, deny].filter(isFilter).flat());
  return [
    ...(rules.some(({ clients }) => clients) ? [API_CLIENT_HEADER] : []),
    ...(rules.some(({ users }) => users) ? [USER_HEADER] : []),
  ];
}

/** A line about each request that would be refused, beside that of the access log. */
function shadowLog(effect: Effect): NonNullable<HttpConnectionManager['access_log']>[number] {
  // Envoy joins them without anything between.
  const key = (name: string) => `${effect}shadow_${name}`;
  const rule = `%DYNAMIC_METADATA(${METADATA}:${key('effective_policy_id')})%`;
  const json = {
    time: '%START_TIME%',
    request_id: '%REQ(X-REQUEST-ID)%',
    authorization: effect === 'deny' ? `would refuse, by ${rule}` : 'would refuse, as no allow rule fits',
  };
  const logger = extension('envoy.access_loggers.stdout', 'envoy.extensions.access_loggers.stream.v3.StdoutAccessLog', {
    log_format: { json_format: json },
  });
  const matcher = {
    filter: METADATA,
    path: [{ key: key('engine_result') }],
    value: { string_match: { exact: 'denied' } },
  };
  return { ...logger, filter: { metadata_filter: { matcher, match_if_key_not_found: false } } };
}

/** Where Envoy leaves what the rules that are only tried would have done. */
const METADATA = 'envoy.filters.http.rbac';

export const authorization = { authenticates: true as const, proxy, route, refusals, together };
