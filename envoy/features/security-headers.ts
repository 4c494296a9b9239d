import type { ProxyFragment, RouteFragment } from '../fragments/fragment';
import { DISABLED, extension, typed } from '../messages/builders';
import { isReference } from '../options/terraform-tokens';
import { headerName, invalidOption, oneOf, refuseUnknown } from '../options/validate';
import type { ScopeContext } from './feature';

/**
 * Adds the response headers that OWASP recommends for APIs. `securityHeaders: {}` adds all of them, also to Envoy's own
 * responses. Envoy keeps a header that the API sends itself. `false` omits a header. `tls.hsts` sets
 * `strict-transport-security`.
 *
 * A route overrides single headers of the sidecar. If only routes set this option, responses to invalid requests, which
 * match no route, get all headers.
 */
export interface SecurityHeadersOptions {
  /**
   * Sets `x-content-type-options`, so browsers don't guess another type than `content-type`.
   *
   * @default 'nosniff' - the only value; a script hidden in data never runs
   */
  readonly contentTypeOptions?: 'nosniff' | false;
  /**
   * Sets `x-frame-options`: which pages may show a response in a frame. Only old browsers use it. Others use
   * `frame-ancestors` of `contentSecurityPolicy`.
   *
   * @default 'DENY' - no page can trick users into clicking on something hidden
   */
  readonly frameOptions?: 'DENY' | 'SAMEORIGIN' | false;
  /**
   * Sets `content-security-policy`: what a response that is opened as a page may load and run. The default suits data. Pages
   * need another policy, for example FastAPI's documentation: `{ path: '/docs', securityHeaders: { contentSecurityPolicy:
   * "default-src 'self' 'unsafe-inline' data: https://cdn.jsdelivr.net https://fastapi.tiangolo.com; frame-ancestors 'none'"
   * } }`.
   *
   * @see https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Content-Security-Policy
   * @default "default-src 'none'; frame-ancestors 'none'" - data loads nothing
   */
  readonly contentSecurityPolicy?: string | false;
  /**
   * Sets `referrer-policy`: how much of its address a page tells the pages that it links to. With `no-referrer`, browsers
   * send all forms of a page with `Origin: null`, and `csrf` rejects them. With `same-origin`, this affects only forms to
   * other hosts.
   *
   * @default 'same-origin' - addresses of an API often identify people, and other sites don't learn them
   */
  readonly referrerPolicy?: (typeof REFERRERS)[number] | false;
  /**
   * Sets `cross-origin-resource-policy`: which pages may embed a response, for example as an image or script. Requests that
   * `cors` allows aren't affected. Images for pages of other sites need `cross-origin`. `same-site` allows all names of one
   * domain.
   *
   * @default 'same-origin' - no response gets into the memory of another site's page
   */
  readonly crossOriginResourcePolicy?: 'same-origin' | 'same-site' | 'cross-origin' | false;
  /**
   * Sets `cache-control` if the API doesn't. Routes with cacheable responses need another value or `false`. So do routes
   * that use only `etag`, which is useless with `no-store`.
   *
   * @default 'no-store' - otherwise a shared cache could give one client's response to another
   */
  readonly cacheControl?: string | false;
  /**
   * Response headers that Envoy removes. If one of the headers above is in the list, Envoy replaces the API's value.
   * `server` is always `envoy`.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/header_mutation_filter
   * @default ['x-powered-by', 'x-aspnet-version', 'x-aspnetmvc-version'] - they tell attackers what to try
   */
  readonly remove?: readonly string[];
}

const REFERRERS = [
  'no-referrer',
  'same-origin',
  'strict-origin',
  'strict-origin-when-cross-origin',
  'origin',
  'origin-when-cross-origin',
  'no-referrer-when-downgrade',
  'unsafe-url',
] as const;

function mutations({
  contentTypeOptions = 'nosniff',
  frameOptions = 'DENY',
  contentSecurityPolicy = "default-src 'none'; frame-ancestors 'none'",
  referrerPolicy = 'same-origin',
  crossOriginResourcePolicy = 'same-origin',
  cacheControl = 'no-store',
  remove = ['x-powered-by', 'x-aspnet-version', 'x-aspnetmvc-version'],
  ...unknown
}: SecurityHeadersOptions) {
  refuseUnknown('securityHeaders', unknown);
  const headers = {
    'x-content-type-options': word('contentTypeOptions', contentTypeOptions, ['nosniff']),
    'x-frame-options': word('frameOptions', frameOptions, ['DENY', 'SAMEORIGIN']),
    'content-security-policy': text('contentSecurityPolicy', contentSecurityPolicy),
    'referrer-policy': word('referrerPolicy', referrerPolicy, REFERRERS),
    'cross-origin-resource-policy': word('crossOriginResourcePolicy', crossOriginResourcePolicy, [
      'same-origin',
      'same-site',
      'cross-origin',
    ]),
    'cache-control': text('cacheControl', cacheControl),
  };
  checkPolicy(contentSecurityPolicy || '', frameOptions);
  return {
    mutations: {
      response_mutations: [
        ...remove.map((name, index) => ({ remove: removed(`securityHeaders.remove[${index}]`, name) })),
        ...Object.entries(headers).flatMap(([key, value]) => (value === false ? [] : [added(key, value)])),
      ],
    },
  };
}

function added(key: string, value: string) {
  // To Envoy a percent sign begins a command; two are the sign.
  const header = { key, value: value.replaceAll('%', '%%') };
  return { append: { header, append_action: 'ADD_IF_ABSENT' as const } };
}

function removed(path: string, name: string): string {
  const header = headerName(path, name);
  if (header === 'server' || header === 'date') {
    invalidOption(path, "is no header of the API's: Envoy writes its own behind all filters", name, 'leave it out');
  }
  return header;
}

type Option = Exclude<keyof SecurityHeadersOptions, 'remove'>;

function word<Word extends string>(option: Option, value: Word | false, words: readonly Word[]): Word | false {
  return value === false ? false : oneOf(`securityHeaders.${option}`, value, words);
}

function text(option: Option, value: string | false): string | false {
  if (value !== false && isReference(value)) {
    // A percent sign in it would be a command to Envoy, which could tell of the request.
    invalidOption(`securityHeaders.${option}`, 'must be known when the stack is synthesized', value, 'write it out');
  }
  if (value !== false && !(typeof value === 'string' && /^[!-~]([ -~]*[!-~])?$/.test(value))) {
    invalidOption(
      `securityHeaders.${option}`,
      'must be one line of ASCII without spaces around it',
      value,
      'write it in one line, or false to leave the header out',
    );
  }
  return value;
}

function checkPolicy(policy: string, frameOptions: SecurityHeadersOptions['frameOptions']): void {
  // Its own words have quotes; without, browsers take them for the names of hosts.
  const [, bare] = /[\s;](none|self|strict-dynamic|unsafe-(?:inline|eval|hashes))(?=[\s;]|$)/i.exec(policy) ?? [];
  if (bare !== undefined) {
    const option = 'securityHeaders.contentSecurityPolicy';
    invalidOption(option, `has ${bare} without quotes, which is a host`, policy, `write '${bare}', quotes and all`);
  }
  if (frameOptions === 'SAMEORIGIN' && /frame-ancestors\s+'none'/i.test(policy)) {
    invalidOption(
      'securityHeaders.frameOptions',
      "has no effect with frame-ancestors 'none' in contentSecurityPolicy",
      frameOptions,
      "write frame-ancestors 'self' there, or 'DENY' here",
    );
  }
}

const TYPE = 'envoy.extensions.filters.http.header_mutation.v3.HeaderMutation';

const filter = (options: SecurityHeadersOptions) => extension('security_headers', TYPE, mutations(options));

/** Does what a route says, and nothing on all others. */
const OF_ROUTES = extension('security_headers.routes', TYPE, {});

function proxy(options: SecurityHeadersOptions): ProxyFragment {
  return { httpFilters: [filter(options)] };
}

/**
 * By a filter of its own: within one, the headers of the proxy would be there before those of a route, which then come too late.
 * The proxy's is there in any case, to be passed by.
 */
function route(
  own: SecurityHeadersOptions,
  { inherited: whole = {} }: ScopeContext<SecurityHeadersOptions>,
): RouteFragment {
  const ofProxy = filter(whole);
  return {
    httpFilters: [ofProxy, OF_ROUTES],
    route: {
      typed_per_filter_config: {
        [ofProxy.name]: DISABLED,
        [OF_ROUTES.name]: typed(`${TYPE}PerRoute`, mutations({ ...whole, ...own })),
      },
    },
  };
}

export const securityHeaders = { proxy, route };
