import type { ProxyFragment, Requirement, RouteFragment } from '../../fragments/fragment';
import type { Restrictions } from '../../fragments/restrictions';
import { extension, type HttpConnectionManager, type HttpFilter, typed } from '../../messages/builders';
import { API_CLIENT_HEADER, authorizationFilter, USER_HEADER } from '../../messages/resource-names';
import { flag, invalidOption, refuseUnknown } from '../../options/validate';
import type { ProxyContext, ScopeContext } from '../feature';
import {
  requiresApiKeys,
  requiresBasicAuth,
  requiresJwt,
  requiresNormalizedPaths,
  requiresPathAsWritten,
} from '../shared/requirements';
import type { AuthorizationOptions, AuthorizationRule, AuthorizationRules, Effect } from './options';
import { bothPolicies, type Policy, toPolicies } from './rbac-policy';

const RBAC = 'envoy.extensions.filters.http.rbac.v3.RBAC';

/** The rules of one place, with what it takes from the whole proxy. */
type Settled = { readonly [Of in Effect]: readonly AuthorizationRule[] | 'all' } & { readonly shadow: boolean };

const EFFECTS = ['deny', 'allow'] as const;

function proxy(
  options: AuthorizationOptions,
  { routeOptions }: ProxyContext<AuthorizationRules> = { routeOptions: [] },
): ProxyFragment {
  checkRules(options);
  if (options.allow === undefined) {
    invalidOption('authorization.allow', 'must say who may pass', options.allow, "write rules, or 'all'");
  }
  const whole = over(options, {});
  const everywhere = [whole, ...routeOptions.map((own) => over(own, options))];
  const filters = EFFECTS.filter((effect) => everywhere.some((rules) => isFilter(rules[effect]))).map((effect) =>
    filter(effect, whole),
  );
  const headers = identityHeaders(everywhere);
  const shadowed = EFFECTS.filter((effect) => everywhere.some((rules) => rules.shadow && isFilter(rules[effect])));
  const requires = requirementsOf(options);
  return {
    ...(requires.length > 0 && { requires }),
    ...(filters.length > 0 && { httpFilters: filters }),
    ...(headers.length > 0 && { identityHeaders: headers }),
    ...(shadowed.length > 0 && { connectionManager: { access_log: shadowed.map(shadowLog) } }),
  };
}

function route(
  own: AuthorizationRules,
  { inherited: whole = {} }: ScopeContext<AuthorizationRules> = {},
): RouteFragment {
  if (whole.allow === undefined) {
    const remedy = "write authorization: { allow: 'all' } there, if all other requests may pass";
    invalidOption('authorization', 'needs that of the whole proxy', own, remedy);
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
    requires: [...requiresNormalizedPaths('authorization'), ...requirementsOf(own)],
    ...(changed.length > 0 && { route: { typed_per_filter_config: Object.fromEntries(perFilter) } }),
  };
}

/** Each rule that denies on its own; of those that allow, all that there are. */
function restrictions(
  own: AuthorizationRules,
  { inherited: whole = {} }: ScopeContext<AuthorizationRules>,
): Restrictions {
  const { allow, deny, shadow } = over(own, whole);
  const denied = isFilter(deny) && !shadow ? deny.map((rule) => [`deny ${JSON.stringify(rule)}`, []]) : [];
  const allowed = isFilter(allow) && !shadow ? [['allow', allow.map((rule) => JSON.stringify(rule))]] : [];
  return Object.fromEntries([...denied, ...allowed]);
}

/** What is denied on any of these routes is, and what is allowed on all of them. */
function combine(
  routes: readonly AuthorizationRules[],
  { inherited: whole = {} }: ScopeContext<AuthorizationRules>,
): RouteFragment {
  const places = [whole, ...routes.map((own) => over(own, whole))].filter(({ shadow }) => !shadow);
  const lists = (effect: Effect) => places.map((place) => place[effect] ?? []).filter(isFilter);
  const denied = [...new Set(lists('deny').flat())];
  const allowed = [...new Set(lists('allow'))].map((list) => toPolicies('allow', list)).reduce(bothPolicies, {});
  const config = (effect: Effect, policies: Record<string, Policy>) => [
    authorizationFilter(effect),
    typed('envoy.extensions.filters.http.rbac.v3.RBACPerRoute', {
      rbac: { ...prefixesOf(effect), rules: { action: ACTIONS[effect], policies } },
    }),
  ];
  const configs = [
    ...(denied.length > 0 ? [config('deny', toPolicies('deny', denied))] : []),
    ...(Object.keys(allowed).length > 0 ? [config('allow', allowed)] : []),
  ];
  return { route: { typed_per_filter_config: Object.fromEntries(configs) } };
}

/** What rules rely on, for the options that have them. */
function requirementsOf({ allow = [], deny = [] }: AuthorizationRules): Requirement[] {
  const lists = { allow, deny };
  return EFFECTS.flatMap((effect) => {
    const list = lists[effect];
    return isFilter(list)
      ? list.flatMap((rule, index) => ruleRequirements(`authorization.${effect}[${index}]`, rule))
      : [];
  });
}

function ruleRequirements(
  at: string,
  { claims, scopes, clients, users, paths, addresses }: AuthorizationRule,
): Requirement[] {
  return [
    ...(claims ? [requiresJwt(`${at}.claims`)] : []),
    ...(scopes ? [requiresJwt(`${at}.scopes`)] : []),
    ...(clients ? [requiresApiKeys(`${at}.clients`)] : []),
    ...(users ? [requiresBasicAuth(`${at}.users`)] : []),
    ...(paths
      ? [
          ...requiresNormalizedPaths(`${at}.paths`),
          ...paths.flatMap((path, index) => requiresPathAsWritten(`${at}.paths[${index}]`, path)),
        ]
      : []),
    ...(addresses ? [knownClient(`${at}.addresses`)] : []),
  ];
}

/** Unless it is said whose address counts, it is the last that a client claims. */
function knownClient(option: string): Requirement {
  const remedy = "choose a clientIp, as 'direct', or in base set this there";
  return { option, field: 'use_remote_address', values: [true, false], remedy };
}

function checkRules({ allow, deny, shadow = false, ...unknown }: AuthorizationRules): void {
  refuseUnknown('authorization', unknown);
  flag('authorization.shadow', shadow);
  if (allow !== 'all' && allow !== undefined && !Array.isArray(allow)) {
    invalidOption(
      'authorization.allow',
      "must be a list of rules or 'all'",
      allow,
      "write for example [{ scopes: ['read'] }]",
    );
  }
  if (allow?.length === 0) {
    const remedy = "write 'all' for anybody; for nobody, on a route: directResponse: { status: 403 }";
    invalidOption('authorization.allow', 'must have a rule', allow, remedy);
  }
  if (deny !== undefined && !Array.isArray(deny)) {
    invalidOption('authorization.deny', 'must be a list of rules', deny, "write for example [{ paths: ['/admin'] }]");
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
  const rules = { action: ACTIONS[effect], policies: toPolicies(effect, list) };
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

export const authorization = { authenticates: true as const, proxy, route, restrictions, combine };
