import type { Credentials } from '../../fragments/fragment';
import type { Cluster, RouteMatch } from '../../messages/builders';
import { JWT_CLAIMS, JWT_HEADER, jwksCluster } from '../../messages/resource-names';
import type { envoy } from '../../messages/schema/types';
import { isReference } from '../../options/terraform-tokens';
import { type Duration, wholeSeconds } from '../../options/units';
import { headerName, invalidOption, refuseUnknown } from '../../options/validate';
import { withCookie, withHeader, withParameter } from '../shared/credential-match';
import { identityHeader } from '../shared/identity-headers';
import { type JwksOptions, keysOf } from './jwks';
import { type TokenHeader, toEnvoyPrefixes } from './token-checks';

/** An identity provider whose tokens Envoy accepts. */
export interface JwtProvider {
  /**
   * Value of `iss` in the provider's tokens. Envoy compares character by character.
   *
   * @example 'https://id.example.com/'
   */
  readonly issuer: string;
  /**
   * Accepted values of `aud` in the tokens, compared character by character. A token needs one of them. At least one:
   * without it, the API would accept tokens for other services.
   *
   * @example ['https://api.example.com']
   */
  readonly audiences: readonly [string, ...string[]];
  /**
   * Public keys of the provider: the address from which Envoy fetches them, or the keys inline.
   *
   * @example { uri: 'https://id.example.com/jwks' }
   */
  readonly jwks: JwksOptions;
  /**
   * Tolerance for the clocks when Envoy verifies the start and the end of a token, longer than zero.
   *
   * @default '60s' - Envoy's own default
   */
  readonly clockSkew?: Duration;
  /**
   * Rejects tokens without an expiry (`exp`). With `false`, a stolen token without expiry stays valid for ever.
   *
   * @default true - Envoy's own default is false
   */
  readonly requireExpiration?: boolean;
  /**
   * Claims that the API receives in headers, by header name. A dot selects a property of a claim that is an object. Lists
   * and objects arrive as JSON in base64. A token with a control character in such a claim gets 401. Envoy removes these
   * headers from client requests on every route, so the API can trust them.
   *
   * @default - none
   * @example { 'x-user': 'sub' }
   */
  readonly claimToHeaders?: Readonly<Record<string, string>>;
  /**
   * Headers in which Envoy looks for a token. `valuePrefix` is the text before the token. A scheme with a space, such as
   * `Bearer `, matches in upper and lower case. Other prefixes match character by character. If you set any `from…` option,
   * this one is empty by default.
   *
   * @default - `authorization` with `Bearer `, if you set no other `from…` option. Envoy's own default also reads the query
   * parameter `access_token`, which ends up in logs
   * @example [{ name: 'authorization', valuePrefix: 'Bearer ' }]
   */
  readonly fromHeaders?: readonly { readonly name: string; readonly valuePrefix?: string }[];
  /**
   * Query parameters in which Envoy looks for a token. The access log omits query strings, unless you set
   * `accessLog.includeQuery`.
   *
   * @default - none
   */
  readonly fromParams?: readonly string[];
  /**
   * Cookies in which Envoy looks for a token. Envoy can't remove a cookie from a request, so this needs `forward: true`.
   *
   * @default - none
   */
  readonly fromCookies?: readonly string[];
  /**
   * Passes the token on to the API. The API could then misuse the token for other services, or write it into its log. With
   * `false`, Envoy also removes it on routes that need no token, unless they set `authentication.forwardCredentials`.
   *
   * @default false - Envoy's own default
   */
  readonly forward?: boolean;
  /**
   * Header in which the API receives all claims, as JSON in base64url. Envoy removes this header from client requests.
   *
   * @default - none
   */
  readonly forwardPayloadHeader?: string;
}

const BEARER = { name: 'authorization', valuePrefix: 'Bearer ' };

type ProviderConfig = envoy.extensions.filters.http.jwt_authn.v3.JwtProvider;

/** A provider in Envoy's words, with the way to its keys and the headers that are its own. */
export interface Provider {
  readonly issuer: string;
  /** By the names that requirements give them, each to be tried after the one before it. */
  readonly configs: Readonly<Record<string, ProviderConfig>>;
  readonly cluster: Cluster | undefined;
  readonly audiences: readonly string[];
  readonly headers: readonly string[];
}

export function providerOf(name: string, options: JwtProvider): Provider {
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
    invalidOption(at, 'must be a name of small letters, digits, - and _', name, "write for example 'main'");
  }
  if (!/^\S+$/.test(issuer ?? '')) {
    invalidOption(
      `${at}.issuer`,
      'must be what tokens say in iss',
      issuer,
      "write for example 'https://id.example.com/'",
    );
  }
  checkAudiences(`${at}.audiences`, audiences ?? []);
  const places = fromHeaders.map(({ name }) => name);
  if (places.length + fromParams.length + fromCookies.length === 0) {
    invalidOption(
      `${at}.fromHeaders`,
      'leaves no place for a token',
      fromHeaders,
      'leave it out for authorization: Bearer',
    );
  }
  if (fromCookies.length > 0 && !forward) {
    invalidOption(
      `${at}.forward`,
      'must be true with fromCookies, which Envoy passes on',
      forward,
      'write forward: true',
    );
  }
  const claims = Object.entries(claimToHeaders).map(([header, claim]) => ({
    header_name: identityHeader(`${at}.claimToHeaders`, header, places),
    claim_name: claimName(`${at}.claimToHeaders['${header}']`, claim),
  }));
  const payload =
    forwardPayloadHeader === undefined
      ? []
      : [identityHeader(`${at}.forwardPayloadHeader`, forwardPayloadHeader, places)];
  const { cluster, onUnknownKey, ...source } = keysOf(jwksCluster(name), `${at}.jwks`, jwks ?? {});
  const config: ProviderConfig = {
    issuer,
    audiences: [...audiences],
    clock_skew_seconds: skewOf(`${at}.clockSkew`, clockSkew),
    require_expiration: requireExpiration,
    // With `forward: false`, Envoy would decode what it leaves of a query.
    forward: forward || fromParams.length > 0,
    ...(fromHeaders.length > 0 && {
      from_headers: fromHeaders.flatMap(({ name, valuePrefix }) =>
        toEnvoyPrefixes(valuePrefix).map((prefix) => ({ name, value_prefix: prefix })),
      ),
    }),
    ...(fromParams.length > 0 && { from_params: [...fromParams] }),
    ...(fromCookies.length > 0 && { from_cookies: [...fromCookies] }),
    ...(claims.length > 0 && { claim_to_headers: claims }),
    ...(forwardPayloadHeader !== undefined && { forward_payload_header: forwardPayloadHeader }),
    payload_in_metadata: JWT_CLAIMS,
    header_in_metadata: JWT_HEADER,
    // Scopes come as one text; as lists they can be compared one by one.
    normalize_payload_in_metadata: { space_delimited_claims: ['scope', 'scp'] },
  };
  return {
    issuer,
    cluster,
    audiences,
    headers: [...claims.map(({ header_name }) => header_name), ...payload],
    configs: {
      [name]: { ...config, ...source },
      ...(onUnknownKey && { [unknownKey(name)]: { ...config, ...onUnknownKey } }),
    },
  };
}

/** The name of the same provider with keys that are fetched when a token needs them. No user's provider has a colon. */
const unknownKey = (name: string) => `${name}:unknown_key`;

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
  return claim.trim() === ''
    ? invalidOption(at, 'must be the name of a claim', claim, "write for example 'sub'")
    : claim;
}

function skewOf(at: string, value: Duration): number {
  const skew = wholeSeconds(at, value);
  return skew === 0
    ? invalidOption(at, 'must be longer than zero, which Envoy takes for 60 seconds', value, "write '1s'")
    : skew;
}

function checkAudiences(at: string, audiences: readonly string[]): void {
  if (audiences.length === 0) {
    invalidOption(
      at,
      'must name an audience',
      audiences,
      "write the tokens' aud, for example ['https://api.example.com']",
    );
  }
  for (const [index, audience] of audiences.entries()) {
    if (audience.trim() === '' || (audience.includes('*') && !isReference(audience))) {
      invalidOption(
        `${at}[${index}]`,
        'must be one audience, without wildcards',
        audience,
        'name each that is meant for this API',
      );
    }
  }
}

/** Where the tokens may be that the API does not get. */
export function hiddenTokens(providers: Readonly<Record<string, JwtProvider>>): Credentials {
  const among = (forwarded: boolean) =>
    Object.entries(providers)
      .filter(([, { forward = false }]) => forward === forwarded)
      .map(([name, provider]) => placesOf(`jwt.providers.${name}`, provider));
  const headersOf = (forwarded: boolean) =>
    among(forwarded).flatMap(({ fromHeaders }) => fromHeaders.map(({ name }) => name));
  return {
    headers: headersOf(false).filter((name) => !headersOf(true).includes(name)),
    params: among(false).flatMap(({ fromParams }) => fromParams),
    cookies: [],
    optional: [true, false].flatMap(headersOf),
  };
}

/** Where a token may be, that of any of these providers. */
export function tokenPlaces(among: readonly (readonly [string, JwtProvider])[]): readonly Partial<RouteMatch>[] {
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

/** The headers that a token may be in, that of any of these providers. */
export function tokenHeaders(providers: Readonly<Record<string, JwtProvider>>): readonly TokenHeader[] {
  return Object.entries(providers).flatMap(
    ([name, provider]) => placesOf(`jwt.providers.${name}`, provider).fromHeaders,
  );
}
