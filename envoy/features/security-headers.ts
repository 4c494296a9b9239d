import type { ProxyFragment, RouteFragment } from '../fragments/fragment';
import { DISABLED, extension, typed } from '../messages/builders';
import { isReference } from '../options/terraform-tokens';
import { headerName, invalidOption, oneOf, refuseUnknown } from '../options/validate';
import type { ScopeContext } from './feature';

/**
 * Response headers that make browsers careful with what an API answers, after OWASP's cheat sheets for REST and for HTTP
 * headers; `securityHeaders: {}` is all of them. They are on each answer of the API's port, Envoy's own ones too. One that the
 * API sends itself is left as it is, and `false` leaves one out. `strict-transport-security` is with `tls.hsts`.
 *
 * Those of a route lie over those of the proxy, one by one. Where only routes have any, all are on the answers to requests that
 * can't be read, and so have no route.
 */
export interface SecurityHeadersOptions {
  /**
   * `x-content-type-options`: an answer is taken for what its `content-type` says, and for nothing else.
   *
   * @default 'nosniff', the only value that there is: data in which somebody hid a script never runs
   */
  readonly contentTypeOptions?: 'nosniff' | false;
  /**
   * `x-frame-options`: whose pages may show an answer in a frame. For browsers that don't know `frame-ancestors` of the policy;
   * all others go by that alone.
   *
   * @default 'DENY', so that nobody is led to press what he does not see
   */
  readonly frameOptions?: 'DENY' | 'SAMEORIGIN' | false;
  /**
   * `content-security-policy`: what an answer that is opened as a page may load and run. The default is for data, and pages
   * need another: FastAPI's documentation is a route `{ path: '/docs', securityHeaders: { contentSecurityPolicy: "default-src
   * 'self' 'unsafe-inline' data: https://cdn.jsdelivr.net https://fastapi.tiangolo.com; frame-ancestors 'none'" } }`.
   *
   * @see https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Content-Security-Policy
   * @default "default-src 'none'; frame-ancestors 'none'", as data loads nothing
   */
  readonly contentSecurityPolicy?: string | false;
  /**
   * `referrer-policy`: how much of its address a page tells where it leads to. With `no-referrer` browsers send all forms of a
   * page with `Origin: null`, with `same-origin` those to other hosts, and `csrf` refuses them.
   *
   * @default 'same-origin': no other site learns an address, as those of an API say whom they are about
   */
  readonly referrerPolicy?: (typeof REFERRERS)[number] | false;
  /**
   * `cross-origin-resource-policy`: whose pages may load an answer without asking, as a picture or a script. What `cors` allows
   * asks first, and is not concerned. Pictures for pages of other sites need `cross-origin`; `same-site` is all names of one domain.
   *
   * @default 'same-origin', so that no answer gets into the memory of another page
   */
  readonly crossOriginResourcePolicy?: 'same-origin' | 'same-site' | 'cross-origin' | false;
  /**
   * `cache-control`, where the API does not say how long an answer may be kept. Routes whose answers may be kept need a
   * value of their own or `false`, and so do those with an `etag` alone, which is of no use with `no-store`.
   *
   * @default 'no-store', or a cache on the way could keep what was for one client, and hand it on
   */
  readonly cacheControl?: string | false;
  /**
   * Response headers to take out. With one of those above in the list, the API's own does not count. `server` is `envoy` anyway.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/header_mutation_filter
   * @default ['x-powered-by', 'x-aspnet-version', 'x-aspnetmvc-version'], which tell attackers what to try
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
