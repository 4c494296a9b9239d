import { extension, percent, typed } from '../api';
import type { RouteFragment } from '../fragment';
import { isReference } from '../references';
import type { Refusals } from '../strictness';
import { fail, flag, refuseUnknown } from '../values';

/**
 * Keeps pages of other sites from changing anything in a user's name (cross-site request forgery). A browser sends passwords,
 * client certificates and cookies along by itself, whichever page asks: with `basicAuth`, `tls.clients`, keys or tokens in
 * cookies, or cookies of the API's own, a form on a page of somebody else's is enough. It sends no bearer token and no key in a
 * header by itself: an API that knows its users by these alone has no need of this.
 *
 * A POST, PUT, PATCH or DELETE gets 403 unless its `Origin`, or where it has none its `Referer`, has the host and port that the
 * request is for, or one of `additionalOrigins`. Others pass: a GET must change nothing, and an API with WebSockets, which
 * begin with one, has to look at `Origin` itself. Schemes are not compared, so a page of the same host that came in the plain
 * may call: see `tls.hsts`. A proxy in front has to leave `Host` as the browser wrote it.
 *
 * Scripts, webhooks and gRPC clients say no origin, so they are refused, too, and so are forms of the API's own pages with
 * `referrer-policy: no-referrer`, from which browsers send `null`. Let clients send `Origin: https://HOST` with the host
 * that they call, or turn this off where they come. A webhook is known by its path, others by what no page of another site can
 * send unless `cors` lets it: `{ path: '/', headers: { authorization: { regex: 'Bearer .+' } }, csrf: false }`. Where `public`
 * turns authentication off, this stays on.
 *
 * What `cors` allows doesn't count here: a site whose pages may also change things has to stand in both.
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
   * `missing_source_origin` where it says no origin. To find out who calls.
   *
   * @default false
   */
  readonly shadow?: boolean;
}

const FILTER = extension('envoy.filters.http.csrf', 'envoy.extensions.filters.http.csrf.v3.CsrfPolicy', {
  filter_enabled: percent(100),
});

function route(options: CsrfOptions, whole: CsrfOptions = {}): RouteFragment {
  const { additionalOrigins = [], shadow = false, ...unknown } = { ...whole, ...options };
  refuseUnknown('csrf', unknown);
  flag('csrf.shadow', shadow);
  for (const [index, origin] of additionalOrigins.entries()) {
    if (!isOrigin(origin)) {
      fail(
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
  return { httpFilters: [FILTER], route: { typed_per_filter_config: { [FILTER.name]: policy } } };
}

/** Whether it is the same in an `Origin`, by either scheme. Any page can have `null`, and Envoy reads no host with `_`. */
function isOrigin(text: string): boolean {
  const isWritten = (scheme: string) =>
    URL.canParse(`${scheme}://${text}`) && new URL(`${scheme}://${text}`).host === text;
  return isReference(text) || (/^(?!null$)[a-z0-9.:[\]-]+$/.test(text) && isWritten('http') && isWritten('https'));
}

function refusals(own: CsrfOptions, whole: CsrfOptions): Refusals {
  const { additionalOrigins = [], shadow = false } = { ...whole, ...own };
  return shadow ? {} : { origins: additionalOrigins };
}

export const csrf = { route, refusals };
