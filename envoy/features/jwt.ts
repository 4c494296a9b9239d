import { answersWhere, type Cluster, extension, type RouteMatch, typed } from '../api';
import type { ProxyFragment, RouteFragment } from '../fragment';
import { identityHeader } from '../identity-headers';
import { type JwksOptions, keysOf } from '../jwks';
import { JWT_CLAIMS, JWT_FILTER, jwksCluster } from '../names';
import { isReference } from '../references';
import type { envoy } from '../schema/types';
import { withCookie, withHeader, withParameter } from '../shown';
import { type Duration, fail, headerName, oneOf, refuseUnknown, wholeSeconds } from '../values';

/**
 * Which tokens a request needs, on the whole proxy or on one route.
 *
 * @option `jwt`, for all and on a route
 */
export interface JwtRequirement {
  /**
   * The providers, by their names, of which one has to have made the token.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/jwt_authn_filter
   * @default - any of them
   */
  readonly requiresAny?: readonly string[];
  /**
   * `required`: no request without a token. `optional`: without a token too, though not with a bad one. `ignored`: nobody
   * looks at tokens, for an API that is public but for the routes that say something else.
   *
   * @default 'required'
   */
  readonly token?: 'required' | 'optional' | 'ignored';
}

/**
 * Only requests with a good bearer token (JSON Web Token) reach the API; others get 401, or 403 where a good one is for another
 * audience. `jwt: false` on a route makes it public. `pathNormalization` sees to it that no path below `/public` is
 * `/private` to the API.
 */
export interface JwtOptions extends JwtRequirement {
  /**
   * Who makes tokens for this API, by names of your own: small letters, digits, `-` and `_`. No two of the same issuer.
   */
  readonly providers: Readonly<Record<string, JwtProvider>>;
}

/**
 * An identity provider whose tokens are taken.
 *
 * @option `jwt: { providers: { main: { … } } }`
 */
export interface JwtProvider {
  /** What its tokens say in `iss`, letter by letter. */
  readonly issuer: string;
  /**
   * Whom its tokens have to be for: one of these is in their `aud`. At least one, or the API would take tokens that
   * the provider made for anybody else.
   */
  readonly audiences: readonly [string, ...string[]];
  /** Its public keys: where to fetch them, or themselves. */
  readonly jwks: JwksOptions;
  /**
   * How far its clock may be from ours, when a token begins and ends; longer than zero.
   *
   * @default '60s', Envoy's own
   */
  readonly clockSkew?: Duration;
  /**
   * Whether tokens have to say when they end. Envoy's own is no: such a token is good for ever, whoever finds it.
   *
   * @default true
   */
  readonly requireExpiration?: boolean;
  /**
   * Claims for the API, by the names of the headers that they are handed on in: `{ 'x-user': 'sub' }`. A dot leads into a
   * claim that is an object; lists and objects come as JSON in base64. What clients send in these headers is removed,
   * on every route, so the API can believe them.
   *
   * @default - none
   */
  readonly claimToHeaders?: Readonly<Record<string, string>>;
  /**
   * Headers that a token may be in, with what stands before it, letter by letter. If you name any place, the default is none.
   *
   * @default - `authorization`, after `Bearer `, if there is no other place; not `?access_token=`, which Envoy would look
   * at too, as addresses end up in logs
   */
  readonly fromHeaders?: readonly { readonly name: string; readonly valuePrefix?: string }[];
  /**
   * Query parameters that a token may be in. The access log leaves queries out, unless told otherwise.
   *
   * @default - none
   */
  readonly fromParams?: readonly string[];
  /**
   * Cookies that a token may be in. Envoy can't take one out of a request, so they need `forward: true`.
   *
   * @default - none
   */
  readonly fromCookies?: readonly string[];
  /**
   * Whether the API gets the token itself. It could use it elsewhere in the client's name, or write it into its log.
   *
   * @default false, as with Envoy
   */
  readonly forward?: boolean;
  /**
   * A header in which the API gets all claims, as JSON in base64url. What clients send in it is removed.
   *
   * @default - none
   */
  readonly forwardPayloadHeader?: string;
}

type Config = envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication;
type Requirement = envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement;

const BEARER = { name: 'authorization', valuePrefix: 'Bearer ' };

function proxy({ providers, ...own }: JwtOptions, ofRoutes: readonly JwtRequirement[] = []): ProxyFragment {
  const names = Object.keys(providers ?? {});
  if (names.length === 0) {
    fail('jwt.providers', 'must name a provider', providers, "write for example { main: { issuer: '...', ... } }");
  }
  checkRequirement(own, names);
  const entries = Object.entries(providers).map(([name, provider]) => [name, providerOf(name, provider)] as const);
  entries.forEach(([name, { issuer }], index) => {
    const first = entries.slice(0, index).find(([, other]) => other.issuer === issuer);
    if (first) {
      fail(`jwt.providers.${name}.issuer`, `is also that of ${first[0]}`, issuer, 'make one of them');
    }
  });
  const all = whole(own, names);
  if (all.token === 'ignored' && ofRoutes.every(({ token = 'ignored' }) => token === 'ignored')) {
    fail('jwt.token', 'leaves no path that needs one', all.token, "write token: 'required' in the jwt of a route");
  }
  const config: Config = {
    providers: Object.fromEntries(entries.map(([name, { config }]) => [name, config])),
    // The empty prefix is also that of CONNECT, which has no path.
    rules: [{ match: { prefix: '' }, requires: requirementOf(all) }],
    ...(ofRoutes.length > 0 && {
      requirement_map: Object.fromEntries(
        ofRoutes.map((route) => over(all, route)).map((route) => [nameOf(route), requirementOf(route)]),
      ),
    }),
  };
  const clusters = entries.flatMap(([, { cluster }]) => (cluster ? [cluster] : []));
  const headers = entries.flatMap(([, { headers }]) => headers);
  return {
    route: { shown: required(all, providers) },
    httpFilters: [extension(JWT_FILTER, 'envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication', config)],
    ...(headers.length > 0 && { identityHeaders: headers }),
    ...(clusters.length > 0 && { clusters, connectionManager: { local_reply_config: { mappers: [UNAVAILABLE] } } }),
  };
}

function route(own: JwtRequirement, { providers, ...ofAll }: Partial<JwtOptions> = {}): RouteFragment {
  const names = Object.keys(providers ?? {});
  if (names.length === 0) {
    fail(
      'jwt',
      'needs the providers of the whole proxy',
      own,
      "describe them in its jwt, there with token: 'ignored' if all other routes are public",
    );
  }
  checkRequirement(own, names);
  if (own.token === undefined && ofAll.token === 'ignored') {
    fail('jwt.token', "must be said, since that of the whole proxy is 'ignored'", own.token, "write token: 'required'");
  }
  const requirement = over(whole(ofAll, names), own);
  return {
    shown: required(requirement, providers),
    route: {
      typed_per_filter_config: {
        [JWT_FILTER]: typed('envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig', {
          requirement_name: nameOf(requirement),
        }),
      },
    },
  };
}

function checkRequirement(
  { requiresAny, token = 'required', ...unknown }: JwtRequirement,
  names: readonly string[],
): void {
  refuseUnknown('jwt', unknown);
  oneOf('jwt.token', token, ['required', 'optional', 'ignored']);
  if (requiresAny?.length === 0) {
    fail(
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

type WholeRequirement = Required<JwtRequirement>;

const whole = (own: JwtRequirement, names: readonly string[]): WholeRequirement =>
  over({ requiresAny: names, token: 'required' }, own);

const over = (all: WholeRequirement, { requiresAny, token }: JwtRequirement): WholeRequirement => ({
  requiresAny: requiresAny ?? all.requiresAny,
  token: token ?? all.token,
});

const nameOf = ({ requiresAny, token }: WholeRequirement) => `${token}: ${requiresAny.join(', ')}`;

/** An empty requirement lets every request pass, so only `ignored` is one. */
function requirementOf({ requiresAny, token }: WholeRequirement): Requirement {
  const any: Requirement[] = requiresAny.map((name) => ({ provider_name: name }));
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

/** A provider in Envoy's words, with the way to its keys and the headers that are its own. */
interface Provider {
  readonly issuer: string;
  readonly config: envoy.extensions.filters.http.jwt_authn.v3.JwtProvider;
  readonly cluster: Cluster | undefined;
  readonly headers: readonly string[];
}

function providerOf(name: string, options: JwtProvider): Provider {
  const at = `jwt.providers.${name}`;
  const {
    issuer,
    audiences,
    jwks,
    clockSkew = '60s',
    requireExpiration = true,
    claimToHeaders = {},
    fromHeaders: _headers,
    fromParams: _params,
    fromCookies: _cookies,
    forward = false,
    forwardPayloadHeader,
    ...unknown
  } = options;
  refuseUnknown(at, unknown);
  const { fromHeaders, fromParams, fromCookies } = placesOf(at, options);
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(name)) {
    fail(at, 'must be a name of small letters, digits, - and _', name, "write for example 'main'");
  }
  if (!/^\S+$/.test(issuer ?? '')) {
    fail(`${at}.issuer`, 'must be what tokens say in iss', issuer, "write for example 'https://id.example.com/'");
  }
  checkAudiences(`${at}.audiences`, audiences ?? []);
  const places = fromHeaders.map(({ name }) => name);
  if (places.length + fromParams.length + fromCookies.length === 0) {
    fail(`${at}.fromHeaders`, 'leaves no place for a token', fromHeaders, 'leave it out for authorization: Bearer');
  }
  if (fromCookies.length > 0 && !forward) {
    fail(`${at}.forward`, 'must be true with fromCookies, which Envoy passes on', forward, 'write forward: true');
  }
  const claims = Object.entries(claimToHeaders).map(([header, claim]) => ({
    header_name: identityHeader(`${at}.claimToHeaders`, header, places),
    claim_name: claimName(`${at}.claimToHeaders['${header}']`, claim),
  }));
  const payload =
    forwardPayloadHeader === undefined
      ? []
      : [identityHeader(`${at}.forwardPayloadHeader`, forwardPayloadHeader, places)];
  const { cluster, ...keys } = keysOf(jwksCluster(name), `${at}.jwks`, jwks ?? {});
  return {
    issuer,
    cluster,
    headers: [...claims.map(({ header_name }) => header_name), ...payload],
    config: {
      issuer,
      audiences: [...audiences],
      ...keys,
      clock_skew_seconds: skewOf(`${at}.clockSkew`, clockSkew),
      require_expiration: requireExpiration,
      forward,
      ...(fromHeaders.length > 0 && {
        from_headers: fromHeaders.map(({ name, valuePrefix }) => ({ name, value_prefix: valuePrefix })),
      }),
      ...(fromParams.length > 0 && { from_params: [...fromParams] }),
      ...(fromCookies.length > 0 && { from_cookies: [...fromCookies] }),
      ...(claims.length > 0 && { claim_to_headers: claims }),
      ...(forwardPayloadHeader !== undefined && { forward_payload_header: forwardPayloadHeader }),
      payload_in_metadata: JWT_CLAIMS,
      // Scopes come as one text; as lists they can be compared one by one.
      normalize_payload_in_metadata: { space_delimited_claims: ['scope', 'scp'] },
    },
  };
}

/** Where its tokens may be: in the usual place, if it names none. */
function placesOf(at: string, { fromParams = [], fromCookies = [], fromHeaders }: JwtProvider) {
  const usual = fromParams.length + fromCookies.length > 0 ? [] : [BEARER];
  const headers = (fromHeaders ?? usual).map(({ name, valuePrefix = '' }, index) => ({
    name: headerName(`${at}.fromHeaders[${index}].name`, name),
    valuePrefix,
  }));
  return { fromHeaders: headers, fromParams, fromCookies };
}

function claimName(at: string, claim: string): string {
  return claim.trim() === '' ? fail(at, 'must be the name of a claim', claim, "write for example 'sub'") : claim;
}

function skewOf(at: string, value: Duration): number {
  const skew = wholeSeconds(at, value);
  return skew === 0
    ? fail(at, 'must be longer than zero, which Envoy takes for 60 seconds', value, "write '1s'")
    : skew;
}

function checkAudiences(at: string, audiences: readonly string[]): void {
  if (audiences.length === 0) {
    fail(at, 'must name an audience', audiences, "write the tokens' aud, for example ['https://api.example.com']");
  }
  for (const [index, audience] of audiences.entries()) {
    if (audience.trim() === '' || (audience.includes('*') && !isReference(audience))) {
      fail(
        `${at}[${index}]`,
        'must be one audience, without wildcards',
        audience,
        'name each that is meant for this API',
      );
    }
  }
}

/** A token that can't be verified since there are no keys is no fault of the client. */
const UNAVAILABLE: envoy.extensions.filters.network.http_connection_manager.v3.ResponseMapper = {
  filter: answersWhere("response.code_details == 'jwt_authn_access_denied{Jwks_remote_fetch_is_failed}'"),
  status_code: 503,
  // Envoy's own says that the token is no good.
  headers_to_add: [{ header: { key: 'www-authenticate', value: 'Bearer' }, append_action: 'OVERWRITE_IF_EXISTS' }],
};

function shown(own: JwtRequirement, { providers, ...ofAll }: JwtOptions): readonly Partial<RouteMatch>[] {
  const token = own.token ?? ofAll.token ?? 'required';
  if (token !== 'required') {
    fail('jwt.token', "must be 'required' with anyOf, or nothing at all would do", token, 'leave it out');
  }
  return places(Object.entries(providers));
}

/** Where there has to be a token, if anywhere. */
function required({ requiresAny, token }: WholeRequirement, providers: JwtOptions['providers'] = {}) {
  return token === 'required' ? places(Object.entries(providers).filter(([name]) => requiresAny.includes(name))) : [];
}

/** Where a token may be, that of any of these providers. */
function places(among: readonly (readonly [string, JwtProvider])[]): readonly Partial<RouteMatch>[] {
  const matches = among.flatMap(([name, provider]) => {
    const { fromHeaders, fromParams, fromCookies } = placesOf(`jwt.providers.${name}`, provider);
    return [
      ...fromHeaders.map(({ name, valuePrefix }) => withHeader(name, valuePrefix)),
      ...fromParams.map(withParameter),
      ...fromCookies.map(withCookie),
    ];
  });
  return [...new Map(matches.map((match) => [JSON.stringify(match), match])).values()];
}

export const jwt = { authenticates: true as const, proxy, route, shown };
