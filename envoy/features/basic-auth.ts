import { createHash } from 'node:crypto';
import type { ProxyFragment, RouteFragment } from '../fragments/fragment';
import type { Restrictions } from '../fragments/restrictions';
import { extension, type RouteMatch, typed } from '../messages/builders';
import { BASIC_AUTH_FILTER, passwordsFile, USER_HEADER } from '../messages/resource-names';
import { isReference } from '../options/terraform-tokens';
import { invalidOption, kindOf, oneOf, refuseUnknown } from '../options/validate';
import type { ProxyContext, ScopeContext } from './feature';
import { toScheme } from './shared/authorization-scheme';
import { withHeader } from './shared/credential-match';

/**
 * Requires a user name and its password (`authorization: Basic …`). Other requests get 401, and browsers then ask for a
 * password. The API receives the name in `x-user-name`. Envoy removes this header from client requests on every route.
 * `basicAuth: false` turns the feature off on a route.
 *
 * A request has only one `authorization` header. So with `jwt` in the same header, synthesis fails without
 * `authentication.anyOf`.
 *
 * Each request contains the password in clear text. Without TLS, every machine on the path can read it.
 */
export interface BasicAuthOptions {
  /**
   * Passwords, by user name, with at least 16 random characters. The library hashes each password. Terraform writes the
   * hashes to a separate file and treats it as sensitive. A password in your code also stays there.
   *
   * Envoy supports only SHA-1 without salt. An attacker with the hash can try many billions of passwords a second, so don't
   * use passwords that people choose.
   *
   * The library can't hash a value that only Terraform knows. Give its hash instead, as `htpasswd -s` creates it: `{ hash:
   * '{SHA}…' }`. How Terraform can create it: docs/decisions/0012-one-of-several-ways-to-authenticate.md.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/basic_auth_filter
   * @secret
   * @example { anna: '...' }
   */
  readonly users: Readonly<Record<string, string | { readonly hash: string }>>;
  /**
   * Passes the `authorization` header with the password on to the API. The API could then misuse the password for other
   * services, or write it into its log. With `false`, Envoy also removes it on routes that need no password, unless they set
   * `authentication.forwardCredentials`.
   *
   * @default false - Envoy's own default is true
   */
  readonly forward?: boolean;
}

/** Users that may use a route. */
export interface BasicAuthRequirement {
  /**
   * Names of the users that may use this route. Other users get 401.
   *
   * @default - all users
   */
  readonly allowedUsers?: readonly string[];
}

const LEAST = 16;

function proxy(
  options: BasicAuthOptions,
  { routeOptions }: ProxyContext<BasicAuthRequirement> = { routeOptions: [] },
): ProxyFragment {
  const { users = {}, forward = false, ...unknown } = options;
  refuseUnknown('basicAuth', unknown, kindOf);
  const names = Object.keys(users);
  if (names.length === 0) {
    invalidOption('basicAuth.users', 'must name a user', names, "write for example { anna: '...' }");
  }
  const lines = new Map(Object.entries(users).map(([name, password]) => [name, `${name}:${hashOf(name, password)}\n`]));
  const among = routeOptions.flatMap((route) => (route.allowedUsers === undefined ? [] : [route.allowedUsers]));
  const files = new Map([names, ...among].map((some) => [fileOf(some, names), some]));
  const config = { users: { filename: fileOf(names, names) }, forward_username_header: USER_HEADER };
  return {
    httpFilters: [
      ...toScheme('Basic'),
      extension(BASIC_AUTH_FILTER, 'envoy.extensions.filters.http.basic_auth.v3.BasicAuth', config),
    ],
    identityHeaders: [USER_HEADER],
    ...(!forward && { credentials: { headers: ['authorization'], params: [], cookies: [] } }),
    files: [...files].map(([path, some]) => ({
      path,
      content: names.flatMap((name) => (some.includes(name) ? [lines.get(name)] : [])).join(''),
      sensitive: true,
    })),
    route: { credentialMatches: credentialMatches(), ...handingOn(forward) },
  };
}

function route(
  { allowedUsers, ...unknown }: BasicAuthRequirement,
  { inherited: whole = {} }: ScopeContext<Partial<BasicAuthOptions>> = {},
): RouteFragment {
  refuseUnknown('basicAuth', unknown, kindOf);
  const names = Object.keys(whole.users ?? {});
  if (names.length === 0) {
    invalidOption('basicAuth', 'needs the users of the whole proxy', { allowedUsers }, 'give them in its basicAuth');
  }
  if (allowedUsers?.length === 0) {
    invalidOption('basicAuth.allowedUsers', 'must name a user', allowedUsers, 'leave it out for all users');
  }
  allowedUsers?.forEach((user, index) => {
    oneOf(`basicAuth.allowedUsers[${index}]`, user, names);
  });
  const { route: passedOn } = handingOn(whole.forward ?? false);
  const own = allowedUsers && {
    [BASIC_AUTH_FILTER]: typed('envoy.extensions.filters.http.basic_auth.v3.BasicAuthPerRoute', {
      users: { filename: fileOf(allowedUsers, names) },
    }),
  };
  return {
    credentialMatches: credentialMatches(),
    route: { ...passedOn, ...(own && { typed_per_filter_config: own }) },
  };
}

/** Routes take headers out after the last filter, so this one has read it. */
const handingOn = (forward: boolean): RouteFragment =>
  forward ? {} : { route: { request_headers_to_remove: ['authorization'] } };

/** The file of some of the users. The hash is a name for them, whatever their number. */
function fileOf(some: readonly string[], all: readonly string[]): string {
  const isAll = all.every((name) => some.includes(name));
  const digest = createHash('sha256')
    .update([...some].sort().join('\n'))
    .digest('hex');
  return passwordsFile(isAll ? '' : `-${digest.slice(0, 16)}`);
}

/** What is wrong with a password is told without it. */
function hashOf(name: string, password: string | { readonly hash: string }): string {
  const at = `basicAuth.users.${name}`;
  if (!/^[A-Za-z0-9][A-Za-z0-9._@-]*$/.test(name)) {
    invalidOption(at, 'must be a name of letters, digits, ., _, @ and -', name, "write for example 'anna'");
  }
  if (typeof password === 'object' && password !== null && !isReference(password)) {
    const { hash, ...unknown } = password;
    refuseUnknown(at, unknown, kindOf);
    if (typeof hash !== 'string' || (!isReference(hash) && !/^\{SHA\}[A-Za-z0-9+/]{27}=$/.test(hash))) {
      invalidOption(
        `${at}.hash`,
        'must be {SHA} and a SHA-1 in base64',
        typeof hash,
        'make it by htpasswd -s, Envoy knows no other',
      );
    }
    return hash;
  }
  if (isReference(password)) {
    invalidOption(
      at,
      "can't be hashed before Terraform knows it",
      'a reference',
      "give its hash, { hash: '{SHA}...' }",
    );
  }
  if (typeof password !== 'string' || password.length < LEAST) {
    invalidOption(
      at,
      `must have at least ${LEAST} characters, as SHA-1 without salt is quick to try`,
      typeof password === 'string' ? password.length : typeof password,
      'draw a longer one at random',
    );
  }
  return `{SHA}${createHash('sha1').update(password).digest('base64')}`;
}

function credentialMatches(): readonly Partial<RouteMatch>[] {
  return [withHeader('authorization', 'Basic ')];
}

function restrictions(
  own: BasicAuthRequirement,
  { inherited = {} }: ScopeContext<Partial<BasicAuthOptions>>,
): Restrictions {
  return { users: own.allowedUsers ?? Object.keys(inherited.users ?? {}) };
}

export const basicAuth = { authenticates: true as const, proxy, route, credentialMatches, restrictions };
