import type { Route } from '../../messages/builders';
import type { RouteMatchOptions } from '../../options/route-match';
import { isReference } from '../../options/terraform-tokens';
import { integer } from '../../options/units';
import { invalidOption, oneOf, refuseUnknown, urlPath } from '../../options/validate';
import type { Spellings } from './path-spellings';

/** What becomes of the requests of a route. */
export interface RouteActionOptions {
  /**
   * Which of `upstreams` answers, by its name.
   *
   * @default - `upstream`
   */
  readonly upstream?: string;
  /**
   * Sends the client elsewhere, instead of to the upstream.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-redirectaction
   * @default - the upstream answers
   */
  readonly redirect?: RedirectOptions;
  /**
   * Envoy answers by itself, with this.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-directresponseaction
   * @default - the upstream answers
   */
  readonly directResponse?: DirectResponseOptions;
  /**
   * What the API sees in place of the route's path: with `/v1` for `/api`, it gets `/v1/users` for `/api/users`. For paths
   * that are a text or `exact`.
   *
   * @default - the path that the client asked for
   */
  readonly pathRewrite?: string;
}

/** Where a client is sent; what isn't said stays as it was. */
export interface RedirectOptions {
  /**
   * The scheme.
   *
   * @default - the same
   */
  readonly scheme?: 'https' | 'http';
  /**
   * The host, without a port.
   *
   * @default - the same
   */
  readonly host?: string;
  /**
   * The port.
   *
   * @default - the same
   */
  readonly port?: number;
  /**
   * The whole path; the query stays.
   *
   * @default - the same
   */
  readonly path?: string;
  /**
   * The status: 301 and 308 are for good, the others for now; 307 and 308 keep method and body.
   *
   * @default 308, since then nothing changes but the place; browsers keep it, so try it with 307
   */
  readonly status?: keyof typeof STATUS;
}

/** An answer that the API isn't asked for. */
export interface DirectResponseOptions {
  /**
   * From 200 to 599.
   *
   * @example 403
   */
  readonly status: number;
  /**
   * The text.
   *
   * @default - none
   */
  readonly body?: string;
}

const STATUS = {
  301: 'MOVED_PERMANENTLY',
  302: 'FOUND',
  303: 'SEE_OTHER',
  307: 'TEMPORARY_REDIRECT',
  308: 'PERMANENT_REDIRECT',
} as const;

/** What a route does, in Envoy's words. */
export function toRouteAction(
  { upstream, redirect, directResponse, pathRewrite }: RouteActionOptions,
  path: RouteMatchOptions['path'],
  cluster: string,
  spellings?: Spellings,
): Partial<Route> {
  const [first, second] = Object.entries({ redirect, directResponse, upstream, pathRewrite }).filter(
    ([, value]) => value !== undefined,
  );
  if ((redirect || directResponse) && first && second) {
    invalidOption(second[0], `can't be together with ${first[0]}`, second[1], 'choose one of them');
  }
  if (redirect) {
    return { redirect: toRedirect(redirect) };
  }
  if (directResponse) {
    const { status, body, ...unknown } = directResponse;
    refuseUnknown('directResponse', unknown);
    return {
      direct_response: {
        status: integer('directResponse.status', status, 200, 599),
        ...(body !== undefined && { body: { inline_string: body } }),
      },
    };
  }
  return {
    route: {
      cluster: upstream ?? cluster,
      ...(pathRewrite !== undefined && toPathRewrite(pathRewrite, path, spellings)),
    },
  };
}

function toRedirect({ scheme, host, port, path, status = 308, ...unknown }: RedirectOptions) {
  refuseUnknown('redirect', unknown);
  if (scheme === undefined && host === undefined && port === undefined && path === undefined) {
    invalidOption(
      'redirect',
      'must change something, or the client comes back for ever',
      {},
      "write for example { path: '/new' }",
    );
  }
  if (!Object.hasOwn(STATUS, status)) {
    invalidOption('redirect.status', 'must be one of 301, 302, 303, 307, 308', status, 'choose one of these');
  }
  return {
    ...(scheme !== undefined && { scheme_redirect: oneOf('redirect.scheme', scheme, ['https', 'http']) }),
    ...(host !== undefined && { host_redirect: host }),
    ...(port !== undefined && { port_redirect: integer('redirect.port', port, 1, 65_535) }),
    ...(path !== undefined && { path_redirect: literalPath('redirect.path', path) }),
    response_code: STATUS[status],
  };
}

/** A path that is put in place as it is. */
function literalPath(at: string, path: string): string {
  if (!isReference(path) && /[{}<>*]|\/:[a-z]|[$\\]\d/i.test(path)) {
    invalidOption(
      at,
      'is put in place as it is, so it must hold no pattern',
      path,
      'write the path that is meant, or use patch',
    );
  }
  return urlPath(at, path);
}

function toPathRewrite(pathRewrite: string, path: RouteMatchOptions['path'], spellings: Spellings | undefined) {
  literalPath('pathRewrite', pathRewrite);
  if (typeof path !== 'string' && !('exact' in path)) {
    invalidOption('pathRewrite', 'needs a path that is a text or exact', pathRewrite, 'use custom for others');
  }
  if (spellings && typeof path === 'string') {
    const rest = pathRewrite === '/' ? '/?' : '';
    return { regex_rewrite: { pattern: { regex: `^${spellings.beginning}${rest}` }, substitution: pathRewrite } };
  }
  // Envoy puts the rest behind it as it is: `/` for `/api` would make `//users`.
  return pathRewrite === '/' && typeof path === 'string' && path !== '/'
    ? { regex_rewrite: { pattern: { regex: `^${path.replace(/[^\w/-]/g, '\\$&')}/?` }, substitution: '/' } }
    : { prefix_rewrite: pathRewrite };
}
