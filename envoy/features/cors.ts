import type { RouteFragment } from '../fragments/fragment';
import { extension, typed } from '../messages/builders';
import { CORS_VARY_FILTER } from '../messages/resource-names';
import { HTTP_TOKEN } from '../options/http-token';
import { type Duration, wholeSeconds } from '../options/units';
import { invalidOption, refuseUnknown } from '../options/validate';
import type { ScopeContext } from './feature';

/**
 * Which pages of other sites may call the API from a browser. Envoy answers their preflights by itself, and tells caches by
 * `Vary: Origin` that answers differ by site.
 */
export interface CorsOptions {
  /**
   * The sites, as a browser's `Origin` header names them: `'https://app.example.com'`, or `'*'` for all of them.
   * Compared letter by letter. At least one.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/cors_filter
   * @default - required, here or for the whole proxy
   */
  readonly allowOrigins?: readonly string[];
  /**
   * The methods that they may use, besides GET, HEAD and POST, which browsers always allow.
   *
   * @default - no others
   */
  readonly allowMethods?: readonly string[];
  /**
   * The request headers that they may send, besides the harmless ones that browsers always allow.
   *
   * @default - no others
   */
  readonly allowHeaders?: readonly string[];
  /**
   * The response headers that they may read, besides the harmless ones that browsers always show.
   *
   * @default - no others
   */
  readonly exposeHeaders?: readonly string[];
  /**
   * Whether the browser may send cookies along. Not with `'*'`: any site could then act for whoever is signed in.
   *
   * @default false
   */
  readonly allowCredentials?: boolean;
  /**
   * How long a browser may remember the answer to a preflight.
   *
   * @default '10m': long enough to save most preflights, and a changed rule soon holds for everybody
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
