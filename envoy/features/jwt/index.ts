import type { ProxyFragment, RouteFragment } from '../../fragments/fragment';
import { merge } from '../../fragments/merge';
import type { Restrictions } from '../../fragments/restrictions';
import { celResponseFilter, DISABLED, extension, type RouteMatch, typed } from '../../messages/builders';
import { JWT_FILTER } from '../../messages/resource-names';
import type { envoy } from '../../messages/schema/types';
import { invalidOption, oneOf, refuseUnknown } from '../../options/validate';
import type { ProxyContext, ScopeContext } from '../feature';
import { hiddenTokens, type JwtProvider, providerOf, tokenHeaders, tokenPlaces } from './provider';
import { refuseContent, refuseMisplaced } from './token-checks';

/** Tokens that a request needs, for the sidecar or one route. */
export interface JwtRequirement {
  /**
   * Names of the providers whose tokens Envoy accepts.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/jwt_authn_filter
   * @default - all providers
   */
  readonly requiresAny?: readonly string[];
  /**
   * Decides which requests need a token. `'required'` rejects requests without a valid token. `'optional'` accepts requests
   * without a token, and rejects invalid tokens. `'ignored'` doesn't check tokens. Use it on the sidecar if only some routes
   * need a token.
   *
   * @default 'required'
   */
  readonly token?: 'required' | 'optional' | 'ignored';
}

/**
 * Requires a valid bearer token (JSON Web Token). Other requests get 401. A valid token for another audience gets 403. `jwt:
 * false` makes a route public. `pathNormalization` ensures that the API can't read a public path as a protected one.
 */
export interface JwtOptions extends JwtRequirement {
  /**
   * Identity providers, by names that you choose: lowercase letters, digits, `-` and `_`. Each provider needs a different
   * issuer.
   */
  readonly providers: Readonly<Record<string, JwtProvider>>;
}

type Config = envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication;
type Requirement = envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement;

function proxy(
  { providers, ...own }: JwtOptions,
  { routeOptions }: ProxyContext<JwtRequirement> = { routeOptions: [] },
): ProxyFragment {
  const names = Object.keys(providers ?? {});
  if (names.length === 0) {
    invalidOption(
      'jwt.providers',
      'must name a provider',
      providers,
      "write for example { main: { issuer: '...', ... } }",
    );
  }
  checkRequirement(own, names);
  const entries = Object.entries(providers).map(([name, provider]) => [name, providerOf(name, provider)] as const);
  entries.forEach(([name, { issuer }], index) => {
    const first = entries.slice(0, index).find(([, other]) => other.issuer === issuer);
    if (first) {
      invalidOption(`jwt.providers.${name}.issuer`, `is also that of ${first[0]}`, issuer, 'make one of them');
    }
  });
  const all = whole(own, names);
  if (all.token === 'ignored' && routeOptions.every(({ token = 'ignored' }) => token === 'ignored')) {
    invalidOption(
      'jwt.token',
      'leaves no path that needs one',
      all.token,
      "write token: 'required' in the jwt of a route",
    );
  }
  const configs = Object.fromEntries(entries.map(([name, { configs }]) => [name, configs]));
  const requires = ({ requiresAny, token }: WholeRequirement) =>
    requirementOf(
      requiresAny.flatMap((name) => Object.keys(configs[name] ?? {})),
      token,
    );
  const config: Config = {
    providers: Object.assign({}, ...Object.values(configs)),
    // The empty prefix is also that of CONNECT, which has no path.
    rules: [{ match: { prefix: '' }, requires: requires(all) }],
    ...(routeOptions.length > 0 && {
      requirement_map: Object.fromEntries(
        routeOptions.map((route) => over(all, route)).map((route) => [nameOf(route), requires(route)]),
      ),
    }),
  };
  const clusters = entries.flatMap(([, { cluster }]) => (cluster ? [cluster] : []));
  const headers = entries.flatMap(([, { headers }]) => headers);
  const verify: ProxyFragment = {
    route: {
      credentialMatches: required(all, providers),
      ...credentialsOf(all, providers),
      ...(all.token === 'ignored' && { route: { typed_per_filter_config: unasked(all, providers) } }),
    },
    httpFilters: [extension(JWT_FILTER, 'envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication', config)],
    ...(headers.length > 0 && { identityHeaders: headers }),
    credentials: hiddenTokens(providers),
    ...(clusters.length > 0 && { clusters, connectionManager: { local_reply_config: { mappers: [UNAVAILABLE] } } }),
  };
  const parts = [
    refuseMisplaced(tokenHeaders(providers)),
    verify,
    refuseContent(entries.map(([, provider]) => provider)),
  ];
  return merge<ProxyFragment>(parts.map((value) => ({ by: 'jwt', value })));
}

function route(
  own: JwtRequirement,
  { inherited: { providers, ...ofAll } = {} }: ScopeContext<Partial<JwtOptions>> = {},
): RouteFragment {
  const names = Object.keys(providers ?? {});
  if (names.length === 0) {
    invalidOption(
      'jwt',
      'needs the providers of the whole proxy',
      own,
      "describe them in its jwt, there with token: 'ignored' if all other routes are public",
    );
  }
  checkRequirement(own, names);
  if (own.token === undefined && ofAll.token === 'ignored') {
    invalidOption(
      'jwt.token',
      "must be said, since that of the whole proxy is 'ignored'",
      own.token,
      "write token: 'required'",
    );
  }
  const requirement = over(whole(ofAll, names), own);
  const config = typed('envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig', {
    requirement_name: nameOf(requirement),
  });
  return {
    credentialMatches: required(requirement, providers),
    ...credentialsOf(requirement, providers),
    route: { typed_per_filter_config: { [JWT_FILTER]: config, ...unasked(requirement, providers) } },
  };
}

/** Where tokens are ignored, nobody looks at where they are. */
function unasked({ token }: WholeRequirement, providers: JwtOptions['providers'] = {}) {
  const filters = token === 'ignored' ? (refuseMisplaced(tokenHeaders(providers)).httpFilters ?? []) : [];
  return Object.fromEntries(filters.map(({ name }) => [name, DISABLED]));
}

function checkRequirement(
  { requiresAny, token = 'required', ...unknown }: JwtRequirement,
  names: readonly string[],
): void {
  refuseUnknown('jwt', unknown);
  oneOf('jwt.token', token, ['required', 'optional', 'ignored']);
  if (requiresAny?.length === 0) {
    invalidOption(
      'jwt.requiresAny',
      'must name a provider',
      requiresAny,
      "leave it out for any of them, or write token: 'ignored'",
    );
  }
  requiresAny?.forEach((name, index) => {
    oneOf(`jwt.requiresAny[${index}]`, name, names);
  });
}

/** What becomes of the tokens. Envoy itself would decode what it leaves of a query. */
function credentialsOf({ token }: WholeRequirement, providers: JwtOptions['providers'] = {}) {
  const kind = token === 'ignored' ? 'ignored' : hiddenTokens(providers).params.length > 0 ? 'left' : undefined;
  return kind && ({ credentials: kind } as const);
}

type WholeRequirement = Required<JwtRequirement>;

const whole = (own: JwtRequirement, names: readonly string[]): WholeRequirement =>
  over({ requiresAny: names, token: 'required' }, own);

const over = (all: WholeRequirement, { requiresAny, token }: JwtRequirement): WholeRequirement => ({
  requiresAny: requiresAny ?? all.requiresAny,
  token: token ?? all.token,
});

const nameOf = ({ requiresAny, token }: WholeRequirement) => `${token}: ${requiresAny.join(', ')}`;

/** An empty requirement lets every request pass, so only `ignored` is one. */
function requirementOf(providers: readonly string[], token: WholeRequirement['token']): Requirement {
  const any: Requirement[] = providers.map((name) => ({ provider_name: name }));
  const [only, ...others] = any;
  switch (token) {
    case 'required':
      return only && others.length === 0 ? only : { requires_any: { requirements: any } };
    case 'optional':
      return { requires_any: { requirements: [...any, { allow_missing: {} }] } };
    case 'ignored':
      return {};
  }
}

/** A token that can't be verified since there are no keys is no fault of the client. */
const UNAVAILABLE: envoy.extensions.filters.network.http_connection_manager.v3.ResponseMapper = {
  filter: celResponseFilter("response.code_details == 'jwt_authn_access_denied{Jwks_remote_fetch_is_failed}'"),
  status_code: 503,
  // Envoy's own says that the token is no good.
  headers_to_add: [{ header: { key: 'www-authenticate', value: 'Bearer' }, append_action: 'OVERWRITE_IF_EXISTS' }],
};

function credentialMatches(
  own: JwtRequirement,
  { inherited: { providers = {}, ...ofAll } = {} }: ScopeContext<Partial<JwtOptions>>,
): readonly Partial<RouteMatch>[] {
  const token = own.token ?? ofAll.token ?? 'required';
  if (token !== 'required') {
    invalidOption(
      'jwt.token',
      "must be 'required' with authentication.anyOf, or nothing at all would do",
      token,
      'leave it out',
    );
  }
  return tokenPlaces(Object.entries(providers));
}

/** Where there has to be a token, if anywhere. */
function required({ requiresAny, token }: WholeRequirement, providers: JwtOptions['providers'] = {}) {
  return token === 'required'
    ? tokenPlaces(Object.entries(providers).filter(([name]) => requiresAny.includes(name)))
    : [];
}

function restrictions(
  own: JwtRequirement,
  { inherited: { providers, ...ofAll } = {} }: ScopeContext<Partial<JwtOptions>>,
): Restrictions {
  const { requiresAny, token } = over(whole(ofAll, Object.keys(providers ?? {})), own);
  return token === 'ignored' ? {} : { bad: requiresAny, ...(token === 'required' && { missing: [] }) };
}

export const jwt = { authenticates: true as const, proxy, route, credentialMatches, restrictions };
