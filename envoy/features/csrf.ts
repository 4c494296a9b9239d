import type { RouteFragment } from '../fragments/fragment';
import type { Restrictions } from '../fragments/restrictions';
import { extension, percent, typed } from '../messages/builders';
import { CSRF_METHODS_FILTER } from '../messages/resource-names';
import type { google } from '../messages/schema/types';
import { isReference } from '../options/terraform-tokens';
import { flag, invalidOption, refuseUnknown } from '../options/validate';
import type { ScopeContext } from './feature';

/**
 * Rejects state-changing requests that pages of other sites send from a user's browser (cross-site request forgery). A
 * browser adds passwords, client certificates and cookies to such requests itself. So `basicAuth`, `tls.clientCertificates`
 * and credentials in cookies need this option. An API that only knows bearer tokens or keys in headers doesn't need it.
 *
 * A POST, PUT, PATCH or DELETE gets 403, unless its `Origin` has the request's host and port, or one of `additionalOrigins`.
 * Without `Origin`, its `Referer` counts. For other methods and WebSockets, only an `Origin` with http or https counts. GET,
 * HEAD and OPTIONS always pass, so they must change nothing. Envoy doesn't compare schemes: use `tls.hsts` against pages
 * over plain HTTP. A proxy in front must not change `Host`.
 *
 * Scripts, webhooks and gRPC clients send no origin, so Envoy rejects them too. It also rejects forms of pages with
 * `referrer-policy: no-referrer`, because browsers send `null` as their origin. Let these clients send `Origin:
 * https://HOST` with the host that they call, or turn the option off on a route. The route can match a webhook's path, or a
 * header that foreign pages can't set: `{ path: '/', headers: { authorization: { regex: 'Bearer .+' } }, csrf: false }`. The
 * option stays on where a route is public.
 *
 * `cors` doesn't change this option. If pages of a site may also change data, name the site in both.
 */
export interface CsrfOptions {
  /**
   * Further sites whose pages may change things, beside the host and port that a request is for: by their host, and their port
   * unless it is that of the scheme, `['app.example.com', 'localhost:3000']`. Compared letter by letter; those of `cors` don't
   * count. On a route, instead of those of the proxy. What says no origin is refused in any case: scripts and webhooks need a
   * route with `csrf: false`, and forms a page without `referrer-policy`, or one of `strict-origin` or more.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/csrf_filter
   * @default - none
   */
  readonly additionalOrigins?: readonly string[];
  /**
   * With `true`, nobody is refused: what would be counts in `http.ingress_http.csrf.request_invalid`, or in
   * `missing_source_origin` where it says no origin, and in `http.ingress_http.rbac.csrf.shadow_denied` for other methods than
   * POST, PUT, PATCH and DELETE. To find out who calls.
   *
   * @default false
   */
  readonly shadow?: boolean;
}

type Expr = google.api.expr.v1alpha1.Expr;

const FILTER = extension('envoy.filters.http.csrf', 'envoy.extensions.filters.http.csrf.v3.CsrfPolicy', {
  filter_enabled: percent(100),
});

/** Envoy's filter compares origins of POST, PUT, PATCH and DELETE. The rest of what may change things is refused by this one. */
const OTHERS = extension(CSRF_METHODS_FILTER, 'envoy.extensions.filters.http.rbac.v3.RBAC', {
  rules_stat_prefix: 'csrf',
  shadow_rules_stat_prefix: 'csrf',
});

/**
 * What Envoy's filter does not compare: methods that it doesn't know, and upgrades, which a page of any site can ask for with
 * the cookies of the user. CONNECT makes no request of an API.
 */
const OTHER_REQUESTS = {
  or_rules: {
    rules: [
      {
        not_rule: {
          header: {
            name: ':method',
            string_match: { safe_regex: { regex: 'GET|HEAD|OPTIONS|TRACE|CONNECT|POST|PUT|PATCH|DELETE' } },
          },
        },
      },
      { header: { name: 'upgrade', present_match: true } },
    ],
  },
};

const text = (string_value: string): Expr => ({ const_expr: { string_value } });
const call = (name: string, ...args: Expr[]): Expr => ({ call_expr: { function: name, args } });
const ofRequest = (field: string): Expr => ({ select_expr: { operand: { ident_expr: { name: 'request' } }, field } });
const ORIGIN = call('_[_]', ofRequest('headers'), text('origin'));
const isOwn = (scheme: string) => call('_==_', ORIGIN, call('_+_', text(`${scheme}://`), ofRequest('host')));

/** Denies these requests unless their `Origin` is that of the request, or one of these. */
function denyOthers(additionalOrigins: readonly string[]) {
  const header = (string_match?: object) => ({
    header: { name: 'origin', ...(string_match ? { string_match } : { present_match: true }) },
  });
  const allowed = additionalOrigins.flatMap((host) =>
    ['https', 'http'].map((scheme) => header({ exact: `${scheme}://${host}` })),
  );
  const permissions = [OTHER_REQUESTS];
  return {
    action: 'DENY' as const,
    policies: {
      no_origin: { permissions, principals: [{ not_id: header() }] },
      other_origin: {
        permissions,
        principals: [{ and_ids: { ids: [header(), ...allowed.map((one) => ({ not_id: one }))] } }],
        condition: call('!_', call('_||_', isOwn('https'), isOwn('http'))),
        cel_config: { enable_string_concat: true },
      },
    },
  };
}

function route(options: CsrfOptions, { inherited = {} }: ScopeContext<CsrfOptions> = {}): RouteFragment {
  const { additionalOrigins = [], shadow = false, ...unknown } = { ...inherited, ...options };
  refuseUnknown('csrf', unknown);
  flag('csrf.shadow', shadow);
  for (const [index, origin] of additionalOrigins.entries()) {
    if (!isOrigin(origin)) {
      invalidOption(
        `csrf.additionalOrigins[${index}]`,
        'must be a host as browsers write it, without a scheme, and without the port 80 or 443',
        origin,
        "write for example 'app.example.com' or 'app.example.com:8443'",
      );
    }
  }
  const policy = typed('envoy.extensions.filters.http.csrf.v3.CsrfPolicy', {
    filter_enabled: percent(shadow ? 0 : 100),
    ...(shadow && { shadow_enabled: percent(100) }),
    ...(additionalOrigins.length > 0 && { additional_origins: additionalOrigins.map((exact) => ({ exact })) }),
  });
  const rules = denyOthers(additionalOrigins);
  const others = typed('envoy.extensions.filters.http.rbac.v3.RBACPerRoute', {
    rbac: shadow ? { shadow_rules: rules } : { rules },
  });
  return {
    httpFilters: [FILTER, OTHERS],
    route: { typed_per_filter_config: { [FILTER.name]: policy, [OTHERS.name]: others } },
  };
}

/** Whether it is the same in an `Origin`, by either scheme. Any page can have `null`, and Envoy reads no host with `_`. */
function isOrigin(text: string): boolean {
  const isWritten = (scheme: string) =>
    URL.canParse(`${scheme}://${text}`) && new URL(`${scheme}://${text}`).host === text;
  return isReference(text) || (/^(?!null$)[a-z0-9.:[\]-]+$/.test(text) && isWritten('http') && isWritten('https'));
}

function restrictions(own: CsrfOptions, { inherited = {} }: ScopeContext<CsrfOptions>): Restrictions {
  const { additionalOrigins = [], shadow = false } = { ...inherited, ...own };
  return shadow ? {} : { origins: additionalOrigins };
}

export const csrf = { route, restrictions };
