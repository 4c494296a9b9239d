import type { ProxyFragment, RouteFragment } from '../fragments/fragment';
import type { Restrictions } from '../fragments/restrictions';
import { celResponseFilter, GRPC, type RouteMatch, typed } from '../messages/builders';
import { API_CLIENT_HEADER, API_KEYS_FILE, API_KEYS_FILTER, USER_HEADER } from '../messages/resource-names';
import type { envoy } from '../messages/schema/types';
import { HTTP_TOKEN } from '../options/http-token';
import { isReference } from '../options/terraform-tokens';
import { headerName, invalidOption, kindOf, oneOf, refuseUnknown } from '../options/validate';
import type { ScopeContext } from './feature';
import { toScheme } from './shared/authorization-scheme';
import { withCookie, withHeader, withParameter } from './shared/credential-match';

/**
 * Requires the API key of a known client. Other requests get 401. The API receives the client's name in `x-api-client`.
 * Envoy removes this header from client requests on every route. `apiKeys: false` turns the feature off on a route.
 *
 * If a request has several keys, the first one counts: headers, then parameters, then cookies, in the order of the options.
 *
 * A 401 has `www-authenticate: Bearer` if Envoy reads keys from `authorization`. Otherwise it has `ApiKey`, because HTTP
 * requires a scheme and defines none for other places.
 *
 * Envoy marks this filter as work in progress, and logs this at start: it may change. The tests of this library run with
 * each supported version.
 */
export interface ApiKeyOptions {
  /**
   * API keys, by client name. Each key needs at least 16 random characters. Terraform writes them to a separate file, treats
   * the file as sensitive, and stores it in its state. A key in your code also appears in the synthesized JSON. The value of
   * a sensitive variable or of a resource doesn't. If two such values are equal, Envoy answers 500.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/api_key_auth_filter
   * @secret
   * @example { partner: '...' }
   */
  readonly keys: Readonly<Record<string, string>>;
  /**
   * Headers in which Envoy looks for a key. In `authorization`, the scheme `Bearer` or `ApiKey` comes before the key, in
   * upper or lower case. If you set any `from…` option, this one is empty by default.
   *
   * @default - `x-api-key`, if you set no other `from…` option
   */
  readonly fromHeaders?: readonly string[];
  /**
   * Query parameters in which Envoy looks for a key. Query strings end up in browser histories and in the logs of other
   * proxies. Envoy's access log omits them, unless you set `accessLog.includeQuery`.
   *
   * @default - none
   */
  readonly fromParams?: readonly string[];
  /**
   * Cookies in which Envoy looks for a key. Browsers also send cookies with requests from pages of other sites.
   *
   * @default - none
   */
  readonly fromCookies?: readonly string[];
  /**
   * Passes the key on to the API. The API could then misuse the key for other services, or write it into its log. With
   * `false`, Envoy also removes it on routes that need no key, unless they set `authentication.forwardCredentials`.
   *
   * @default false - Envoy's own default is true
   */
  readonly forward?: boolean;
}

/** Clients that may use a route. */
export interface ApiKeyRequirement {
  /**
   * Names of the clients that may use this route. Other clients get 403.
   *
   * @default - all clients
   */
  readonly allowedClients?: readonly string[];
}

const NO_GRPC = { header_filter: { header: { ...GRPC, treat_missing_header_as_empty: true, invert_match: true } } };

const EXTENSION = 'type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig';
const API_KEY_AUTH = 'envoy.extensions.filters.http.api_key_auth.v3.ApiKeyAuth';

function proxy(options: ApiKeyOptions): ProxyFragment {
  const { keys, fromHeaders: _, fromParams: __, fromCookies: ___, forward = false, ...unknown } = options;
  refuseUnknown('apiKeys', unknown, kindOf);
  const { headers, params, cookies } = placesOf(options);
  const config = typed(API_KEY_AUTH, {
    credentials: credentials(keys ?? {}),
    key_sources: [
      ...headers.map((header) => ({ header })),
      ...params.map((query) => ({ query })),
      ...cookies.map((cookie) => ({ cookie })),
    ],
    forwarding: forwarding(options),
  });
  const resource = { '@type': EXTENSION, name: API_KEYS_FILTER, typed_config: config };
  return {
    route: { credentialMatches: matchesOf(options), ...left(options) },
    httpFilters: [
      ...(headers.includes('authorization') ? toScheme('Bearer', ['Bearer', 'ApiKey']) : []),
      {
        name: API_KEYS_FILTER,
        // Envoy takes keys as part of the filter alone, so the whole filter stands apart. Without its file Envoy does not start.
        config_discovery: {
          config_source: { path_config_source: { path: API_KEYS_FILE }, resource_api_version: 'V3' },
          type_urls: [`type.googleapis.com/${API_KEY_AUTH}`],
        },
      },
    ],
    identityHeaders: [API_CLIENT_HEADER],
    ...(!forward && { credentials: { headers, params, cookies } }),
    connectionManager: {
      local_reply_config: { mappers: [asking(headers.includes('authorization') ? 'Bearer' : 'ApiKey')] },
    },
    files: [{ path: API_KEYS_FILE, content: { resources: [resource] }, sensitive: true }],
  };
}

function route(
  { allowedClients, ...unknown }: ApiKeyRequirement,
  { inherited: { keys = {}, ...whole } = {} }: ScopeContext<Partial<ApiKeyOptions>> = {},
): RouteFragment {
  refuseUnknown('apiKeys', unknown, kindOf);
  const names = Object.keys(keys);
  if (names.length === 0) {
    invalidOption('apiKeys', 'needs the keys of the whole proxy', { allowedClients }, 'give them in its apiKeys');
  }
  if (allowedClients?.length === 0) {
    invalidOption('apiKeys.allowedClients', 'must name a client', allowedClients, 'leave it out for all clients');
  }
  allowedClients?.forEach((client, index) => {
    oneOf(`apiKeys.allowedClients[${index}]`, client, names);
  });
  const places = matchesOf(whole);
  if (allowedClients === undefined) {
    return { credentialMatches: places, ...left(whole) };
  }
  // What Envoy hands on is not what the whole filter says, once a route says anything.
  const own = typed('envoy.extensions.filters.http.api_key_auth.v3.ApiKeyAuthPerRoute', {
    allowed_clients: [...allowedClients],
    forwarding: forwarding(whole),
  });
  return { credentialMatches: places, ...left(whole), route: { typed_per_filter_config: { [API_KEYS_FILTER]: own } } };
}

type Forwarding = Pick<ApiKeyOptions, 'forward' | 'fromParams'>;

/** Envoy itself would decode what it leaves of a query. */
const left = ({ forward = false, fromParams = [] }: Forwarding) =>
  !forward && fromParams.length > 0 ? { credentials: 'left' as const } : {};

const forwarding = ({ forward = false, fromParams = [] }: Forwarding) => ({
  header: API_CLIENT_HEADER,
  hide_credentials: !forward && fromParams.length === 0,
});

function restrictions(
  { allowedClients }: ApiKeyRequirement,
  { inherited: { keys = {} } = {} }: ScopeContext<Partial<ApiKeyOptions>>,
): Restrictions {
  return { clients: allowedClients ?? Object.keys(keys) };
}

function credentials(keys: Readonly<Record<string, string>>) {
  const entries = Object.entries(keys);
  if (entries.length === 0) {
    invalidOption('apiKeys.keys', 'must name a client', keys, "write for example { partner: '...' }");
  }
  return entries.map(([client, key], index) => {
    const at = `apiKeys.keys.${client}`;
    if (!/^[A-Za-z0-9][A-Za-z0-9._@-]*$/.test(client)) {
      invalidOption(at, 'must be a name of letters, digits, ., _, @ and -', client, "write for example 'partner'");
    }
    // What is wrong with a key is told without the key.
    if (typeof key !== 'string' || (!isReference(key) && !/^[\x21-\x7e]+$/.test(key))) {
      invalidOption(at, 'must be a text of visible ASCII characters without spaces', typeof key, 'draw another key');
    }
    if (!isReference(key) && key.length < 16) {
      invalidOption(
        at,
        'must have at least 16 characters, or it can be guessed',
        key.length,
        'draw a longer one at random',
      );
    }
    const [first] = entries.slice(0, index).find(([, other]) => other === key) ?? [];
    if (first !== undefined) {
      invalidOption(at, `has the key of '${first}'`, client, 'give each client a key of its own');
    }
    return { key, client };
  });
}

type Places = Pick<ApiKeyOptions, 'fromHeaders' | 'fromParams' | 'fromCookies'>;

/** Where a key may be: in the usual place, if no other is named. */
function placesOf({ fromHeaders, fromParams: params = [], fromCookies: cookies = [] }: Places) {
  const headers = fromHeaders ?? (params.length + cookies.length > 0 ? [] : ['x-api-key']);
  const places = headers.map((name, index) => {
    const at = `apiKeys.fromHeaders[${index}]`;
    const header = headerName(at, name);
    return [API_CLIENT_HEADER, USER_HEADER].includes(header)
      ? invalidOption(at, 'is removed from what clients send', name, "write for example 'x-api-key'")
      : header;
  });
  for (const [option, names] of Object.entries({ fromParams: params, fromCookies: cookies })) {
    for (const [index, name] of names.entries()) {
      if (!HTTP_TOKEN.test(name)) {
        invalidOption(
          `apiKeys.${option}[${index}]`,
          'must be a name without spaces',
          name,
          "write for example 'api_key'",
        );
      }
    }
  }
  if (places.length + params.length + cookies.length === 0) {
    invalidOption('apiKeys.fromHeaders', 'leaves no place for a key', fromHeaders, 'leave it out for x-api-key');
  }
  return { headers: places, params, cookies };
}

/** What is refused says how to ask, as Envoy's filter does not. gRPC has no 401, and a text of its own for what follows here. */
const asking = (scheme: string): envoy.extensions.filters.network.http_connection_manager.v3.ResponseMapper => ({
  filter: {
    and_filter: {
      filters: [
        // `missing_api_key`, and a second one that Envoy misspells.
        celResponseFilter("response.code == 401 && response.code_details.endsWith('_api_key')"),
        NO_GRPC,
      ],
    },
  },
  headers_to_add: [{ header: { key: 'www-authenticate', value: scheme } }],
});

function credentialMatches(
  _: ApiKeyRequirement,
  { inherited = {} }: ScopeContext<Partial<ApiKeyOptions>>,
): readonly Partial<RouteMatch>[] {
  return matchesOf(inherited);
}

function matchesOf(options: Places): readonly Partial<RouteMatch>[] {
  const { headers, params, cookies } = placesOf(options);
  return [...headers.map((name) => withHeader(name)), ...params.map(withParameter), ...cookies.map(withCookie)];
}

export const apiKeys = { authenticates: true as const, proxy, route, credentialMatches, restrictions };
