import { checkHosts } from './host-match';
import { type PathKind, pathMistake } from './path-mistakes';
import { invalidOption, oneOf } from './validate';

/** Which requests a route is for. */
export interface RouteMatchOptions {
  /**
   * The path and all paths below it, by whole segments: `/api` is also `/api/users`, and not `/apix`; `/` is all paths.
   * `exact` is this path alone, `template` has `{name}` for one segment and `**` for the rest, and `regex` must fit the
   * whole path. Paths are compared after `pathNormalization`. A route that refuses more than what would take its requests
   * otherwise (a refusal, a rate, a credential, an authorization) holds for all spellings of its path that an API may take for
   * it: in other letters, with a slash at the end, with parameters (`;x`), with signs encoded. What it opens, as a public route, it
   * opens in the one spelling alone. A warning tells where that can't be.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#config-route-v3-routematch
   * @example '/api'
   */
  readonly path: string | { readonly exact: string } | { readonly template: string } | { readonly regex: string };
  /**
   * The hosts that it is for, as clients call them: `api.example.com`, or `*.example.com` for all names below, though not for
   * `example.com` itself. In lower case and without a port: upper case, any port and a dot at the end fit too. Where such a
   * route fits, one without hosts doesn't count, of however long a path. Needs `requestHeaders`, which refuses `example.com:x`.
   *
   * @default - all hosts
   */
  readonly hosts?: readonly string[];
  /**
   * The methods that it is for.
   *
   * @default - all methods
   * @example ['GET']
   */
  readonly methods?: readonly Method[];
  /**
   * The headers that a request must have: a value, `true` for any value, or `{ regex }` for the whole value.
   *
   * @default - any headers
   */
  readonly headers?: Readonly<Record<string, string | true | { readonly regex: string }>>;
}

/** Those of HTTP, but `TRACE` and `CONNECT`, which no request comes through with. */
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'] as const;
export type Method = (typeof METHODS)[number];

/** Methods that may be repeated without harm. */
export const IDEMPOTENT: readonly Method[] = ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'];

/**
 * Refuses what no request would fit, or more than meant.
 *
 * @param isAnswered - whether Envoy answers by itself, which can't be set for the whole proxy
 */
export function checkMatch({ path, hosts, methods, headers = {} }: RouteMatchOptions, isAnswered: boolean): void {
  checkPath('path', path);
  if (hosts) {
    checkHosts(hosts);
  }
  if (
    path === '/' &&
    !isAnswered &&
    hosts === undefined &&
    methods === undefined &&
    Object.keys(headers).length === 0
  ) {
    invalidOption(
      'path',
      'is what all other requests have',
      path,
      'set it for the whole proxy, or name hosts, methods or headers',
    );
  }
  if (methods?.length === 0) {
    invalidOption('methods', 'must name a method', methods, 'leave it out for all methods');
  }
  for (const [index, method] of (methods ?? []).entries()) {
    oneOf(`methods[${index}]`, method, METHODS);
  }
  checkHeaders('headers', headers);
}

/** Headers that requests can have. */
export function checkHeaders(at: string, headers: NonNullable<RouteMatchOptions['headers']>): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!/^[a-z0-9!#$%&'*+.^_`|~-]+$/.test(name)) {
      invalidOption(
        `${at}[${JSON.stringify(name)}]`,
        'must be the name of a header in lower case',
        name,
        "as 'x-version'",
      );
    }
    if (value !== true && typeof value !== 'string' && typeof value?.regex !== 'string') {
      invalidOption(`${at}[${JSON.stringify(name)}]`, 'must be a text, true or { regex }', value, 'write one of these');
    }
    if (typeof value === 'string' && /^\s|\s$|[\r\n\0]/.test(value)) {
      const problem = 'must have no space at its ends and no line break, which no header comes through with';
      invalidOption(`${at}[${JSON.stringify(name)}]`, problem, value, 'write it without');
    }
  }
}

/** A path that requests can have. */
export function checkPath(at: string, path: RouteMatchOptions['path']): void {
  const [kind, text, ...more] = typeof path === 'string' ? ['text', path] : Object.entries(path ?? {}).flat();
  const kinds = typeof path === 'string' ? ['text'] : ['exact', 'template', 'regex'];
  if (more.length > 0 || typeof text !== 'string' || !kinds.includes(String(kind))) {
    invalidOption(at, 'must be a text or have one of exact, template and regex', path, "write for example '/api'");
  }
  const mistake = pathMistake(text, kind as PathKind);
  if (mistake) {
    invalidOption(kind === 'text' ? at : `${at}.${kind}`, mistake.problem, text, mistake.remedy);
  }
}
