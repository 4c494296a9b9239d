import type { RouteFragment } from '../fragments/fragment';
import { extension, typed } from '../messages/builders';
import { CORS_VARY_FILTER } from '../messages/resource-names';
import { HTTP_TOKEN } from '../options/http-token';
import { type Duration, wholeSeconds } from '../options/units';
import { invalidOption, refuseUnknown } from '../options/validate';
import type { ScopeContext } from './feature';

/**
 * Lets pages of other sites call the API from a browser. Envoy answers preflight requests itself. It adds `Vary: Origin`, so
 * caches keep the responses for each site apart.
 */
export interface CorsOptions {
  /**
   * Sites whose pages may call the API, as in the browser's `Origin` header. Write a scheme and a host, or `'*'` for all
   * sites. Envoy compares character by character. At least one.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/cors_filter
   * @default - required, on the sidecar or on the route
   * @example ['https://app.example.com']
   */
  readonly allowOrigins?: readonly string[];
  /**
   * Methods that these pages may use. Browsers always allow GET, HEAD and POST.
   *
   * @default - no further methods
   * @example ['PUT', 'DELETE']
   */
  readonly allowMethods?: readonly string[];
  /**
   * Request headers that these pages may set. Browsers always allow a few safe headers, such as `accept`.
   *
   * @default - no further headers
   * @example ['authorization']
   */
  readonly allowHeaders?: readonly string[];
  /**
   * Response headers that these pages may read. Browsers always show a few safe headers, such as `content-type`.
   *
   * @default - no further headers
   */
  readonly exposeHeaders?: readonly string[];
  /**
   * Allows browsers to send cookies and other credentials with these requests. It can't be combined with `'*'`, because any
   * site could then act in the name of a signed-in user.
   *
   * @default false
   */
  readonly allowCredentials?: boolean;
  /**
   * Time for which a browser caches the response to a preflight request, in whole seconds.
   *
   * @default '10m' - this saves most preflight requests, and changed options apply soon
   */
  readonly maxAge?: Duration;
}

const FILTER = extension('envoy.filters.http.cors', 'envoy.extensions.filters.http.cors.v3.Cors', {});

/** Also on answers that are for no site, or a cache would give these to the pages of one. */
const VARY = extension(CORS_VARY_FILTER, 'envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', {
  mutations: {
    response_mutations: [
      { append: { header: { key: 'vary', value: 'Origin' }, append_action: 'APPEND_IF_EXISTS_OR_ADD' } },
    ],
  },
});

const ORIGIN = /^([a-z][a-z0-9+.-]*:\/\/[^\s/?#,]+|\*)$/;

function route(options: CorsOptions, { inherited = {} }: ScopeContext<CorsOptions> = {}): RouteFragment {
  const {
    allowOrigins = [],
    allowMethods = [],
    allowHeaders = [],
    exposeHeaders = [],
    allowCredentials = false,
    maxAge = '10m',
    ...unknown
  } = { ...inherited, ...options };
  refuseUnknown('cors', unknown);
  if (allowOrigins.length === 0) {
    invalidOption('cors.allowOrigins', 'must name a site', allowOrigins, "write for example ['https://example.com']");
  }
  for (const [index, origin] of allowOrigins.entries()) {
    if (!ORIGIN.test(origin)) {
      invalidOption(
        `cors.allowOrigins[${index}]`,
        'must be a scheme and a host',
        origin,
        "write for example 'https://example.com'",
      );
    }
  }
  if (allowCredentials && allowOrigins.includes('*')) {
    invalidOption(
      'cors.allowCredentials',
      "must not be true with allowOrigins: ['*']",
      allowCredentials,
      'name the sites, or leave allowCredentials out',
    );
  }
  const tokens = (path: string, names: readonly string[]) => {
    for (const [index, name] of names.entries()) {
      if (!HTTP_TOKEN.test(name)) {
        invalidOption(`cors.${path}[${index}]`, 'must be a name without spaces', name, 'write one name an element');
      }
    }
    return names.join(',');
  };
  const policy = typed('envoy.extensions.filters.http.cors.v3.CorsPolicy', {
    allow_origin_string_match: allowOrigins.map((origin) => ({ exact: origin })),
    ...(allowMethods.length > 0 && { allow_methods: tokens('allowMethods', allowMethods) }),
    ...(allowHeaders.length > 0 && { allow_headers: tokens('allowHeaders', allowHeaders) }),
    ...(exposeHeaders.length > 0 && { expose_headers: tokens('exposeHeaders', exposeHeaders) }),
    max_age: String(wholeSeconds('cors.maxAge', maxAge)),
    allow_credentials: allowCredentials,
  });
  return { httpFilters: [VARY, FILTER], route: { typed_per_filter_config: { [FILTER.name]: policy } } };
}

export const cors = { route };
