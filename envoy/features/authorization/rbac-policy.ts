import { extension } from '../../messages/builders';
import { API_CLIENT_HEADER, JWT_CLAIMS, JWT_FILTER, USER_HEADER } from '../../messages/resource-names';
import { headerMatcher, methodMatcher } from '../../messages/route-matchers';
import type { envoy } from '../../messages/schema/types';
import { network } from '../../options/cidr';
import { isIpv4 } from '../../options/ip';
import { checkHeaders, METHODS, type Method } from '../../options/route-match';
import { invalidOption, oneOf, refuseUnknown } from '../../options/validate';
import { type SanMatcher, toSanMatcher } from '../shared/tls/subject-alt-name';
import type { AuthorizationRule, Effect } from './options';
import { pathPermission } from './path-permission';

export type Policy = envoy.config.rbac.v3.Policy;
type Permission = envoy.config.rbac.v3.Permission;
type Principal = envoy.config.rbac.v3.Principal;

/** The rules of one list in Envoy's words, by the names that the access log shows. */
export function toPolicies(effect: Effect, rules: readonly AuthorizationRule[]): Record<string, Policy> {
  return Object.fromEntries(
    rules.map((rule, index) => {
      const name = `${effect}[${index}]`;
      return [name, policyOf(effect, `authorization.${name}`, rule)];
    }),
  );
}

/** What policies of both lists allow together; of one that is empty, what the other one allows. */
export function bothPolicies(
  one: Readonly<Record<string, Policy>>,
  other: Readonly<Record<string, Policy>>,
): Record<string, Policy> {
  if (Object.keys(one).length === 0) {
    return other;
  }
  const pairs = Object.entries(one).flatMap(([name, first]) =>
    Object.entries(other).map(([otherName, second]): [string, Policy] => [
      `${name} and ${otherName}`,
      {
        permissions: [allPermissions([...(first.permissions ?? []), ...(second.permissions ?? [])])],
        principals: [allPrincipals([...(first.principals ?? []), ...(second.principals ?? [])])],
      },
    ]),
  );
  return Object.fromEntries(pairs);
}

function policyOf(effect: Effect, at: string, rule: AuthorizationRule): Policy {
  if (typeof rule !== 'object' || rule === null) {
    invalidOption(at, 'must be an object of conditions', rule, "write for example { scopes: ['read'] }");
  }
  const { claims, scopes, clients, users, certificates, addresses, methods, paths, headers, ...unknown } = rule;
  refuseUnknown(at, unknown);
  if (Object.values(rule).every((condition) => condition === undefined)) {
    const remedy =
      effect === 'allow' ? "write allow: 'all' for anybody" : 'name who or what is denied, or leave it out';
    invalidOption(at, 'must have a condition', rule, remedy);
  }
  const one = <T>(name: string, list: readonly T[] | undefined, make: (path: string, value: T) => Principal) =>
    list === undefined ? [] : [any(each(`${at}.${name}`, list, make))];
  const principals = [
    ...claimsOf(`${at}.claims`, claims),
    // All of them, as a rule says all that is needed.
    ...(scopes === undefined ? [] : each(`${at}.scopes`, scopes, scope)),
    ...one('clients', clients, header(API_CLIENT_HEADER)),
    ...one('users', users, header(USER_HEADER)),
    ...one('certificates', certificates, certificate),
    ...one('addresses', addresses, address(effect)),
  ];
  const permissions: Permission[] = [
    ...(methods === undefined ? [] : [{ header: methodMatcher(each(`${at}.methods`, methods, method)) }]),
    ...(paths === undefined ? [] : [pathPermission(effect, `${at}.paths`, paths)]),
    ...(headers === undefined ? [] : headerPermissions(effect, `${at}.headers`, headers)),
  ];
  return { permissions: [allPermissions(permissions)], principals: [allPrincipals(principals)] };
}

function headerPermissions(
  effect: Effect,
  at: string,
  headers: NonNullable<AuthorizationRule['headers']>,
): Permission[] {
  checkHeaders(at, headers);
  if (Object.keys(headers).length === 0) {
    invalidOption(at, 'must name a header', headers, 'leave it out for any');
  }
  return Object.entries(headers).map(([name, value]) => {
    if (name === API_CLIENT_HEADER || name === USER_HEADER) {
      invalidOption(
        `${at}['${name}']`,
        'tells who the client is',
        value,
        `write ${name === USER_HEADER ? 'users' : 'clients'}`,
      );
    }
    // Several headers of a name are one with commas to Envoy: another value beside it would save who is denied.
    const among =
      effect === 'deny' && typeof value === 'string' ? { regex: `(.*,)?\\s*${literal(value)}\\s*(,.*)?` } : value;
    return { header: headerMatcher(name, among) };
  });
}

const literal = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');

const allPermissions = ([only, ...others]: readonly Permission[]): Permission =>
  only === undefined ? { any: true } : others.length === 0 ? only : { and_rules: { rules: [only, ...others] } };

const allPrincipals = ([only, ...others]: readonly Principal[]): Principal =>
  only === undefined ? { any: true } : others.length === 0 ? only : { and_ids: { ids: [only, ...others] } };

const any = ([only, ...others]: readonly Principal[]): Principal =>
  only !== undefined && others.length === 0 ? only : { or_ids: { ids: [...(only ? [only] : []), ...others] } };

/** Each of a condition's values. None would be a condition that nothing fits, or no condition: nobody means either. */
function each<T, Made>(path: string, list: readonly T[], make: (path: string, value: T) => Made): Made[] {
  if (!Array.isArray(list) || list.length === 0) {
    invalidOption(path, 'must be a list with a value', list, 'leave it out for any');
  }
  return list.map((value, index) => make(`${path}[${index}]`, value));
}

function named(path: string, value: string): string {
  if (typeof value !== 'string' || value.trim() === '') {
    invalidOption(path, 'must be a text that says something', value, 'leave it out for any');
  }
  return value;
}

const method = (path: string, value: Method) => oneOf(path, value, METHODS);

const header = (name: string) => (path: string, value: string) => ({
  header: { name, string_match: { exact: named(path, value) } },
});

/** Some proxies write IPv4 addresses as IPv6 ones. Whoever is denied is it in that form, too. */
const address =
  (effect: Effect) =>
  (path: string, value: string): Principal => {
    const range = network(path, value);
    const { address_prefix, prefix_len } = range;
    return effect === 'deny' && isIpv4(address_prefix)
      ? any(
          [range, { address_prefix: `::ffff:${address_prefix}`, prefix_len: 96 + prefix_len }].map((remote_ip) => ({
            remote_ip,
          })),
        )
      : { remote_ip: range };
  };

type Claims = NonNullable<AuthorizationRule['claims']>;

function claimsOf(path: string, claims: Claims | undefined): Principal[] {
  if (claims === undefined) {
    return [];
  }
  if (Object.keys(claims).length === 0) {
    invalidOption(path, 'must name a claim', claims, 'leave it out for any');
  }
  return Object.entries(claims).map(([name, values]) =>
    claim(
      // What says where a name comes from is a URI, by the standard, and its dots are its own.
      name.includes(':') ? [name] : name.split('.').map((part) => named(`${path}['${name}']`, part)),
      each(`${path}['${name}']`, values, claimValue),
    ),
  );
}

type ValueMatcher = envoy.type.matcher.v3.ValueMatcher;

function claimValue(path: string, value: string | number | boolean): ValueMatcher {
  switch (typeof value) {
    case 'string':
      return { string_match: { exact: named(path, value) } };
    case 'boolean':
      return { bool_match: value };
    default:
      return Number.isFinite(value)
        ? { double_match: { exact: value } }
        : invalidOption(path, 'must be a text, a number, true or false', value, 'write one of these');
  }
}

/** A claim that is one of these, or a list that holds one. */
function claim(names: readonly string[], values: readonly ValueMatcher[]): Principal {
  return {
    sourced_metadata: {
      metadata_matcher: {
        filter: JWT_FILTER,
        path: [JWT_CLAIMS, ...names].map((key) => ({ key })),
        value: { or_match: { value_matchers: values.flatMap((one) => [one, { list_match: { one_of: one } }]) } },
      },
    },
  };
}

function scope(path: string, value: string): Principal {
  if (/\s/.test(named(path, value))) {
    invalidOption(path, 'must be one scope', value, 'write one an element');
  }
  const values = [claimValue(path, value)];
  return { or_ids: { ids: ['scope', 'scp'].map((name) => claim([name], values)) } };
}

type SanType = SanMatcher['san_type'];

function certificate(path: string, value: string | { readonly suffix: string }): Principal {
  const isSuffix = typeof value === 'object' && value !== null;
  const text = named(path, isSuffix ? value.suffix : value);
  if (isSuffix && !/^[.@/]/.test(text)) {
    invalidOption(
      `${path}.suffix`,
      "must begin with '.', '@' or '/', or it would also fit longer names",
      text,
      `write '.${text}'`,
    );
  }
  return {
    custom: extension(
      'envoy.rbac.principals.mtls_authenticated',
      'envoy.extensions.rbac.principals.mtls_authenticated.v3.Config',
      {
        san_matcher: isSuffix
          ? { san_type: sanType(text), matcher: { suffix: text } }
          : toSanMatcher(sanType(text), text),
      },
    ),
  };
}

/** What kind of name it is, as a name of one kind is no name of another. */
function sanType(name: string): SanType {
  return name.includes('/') ? 'URI' : name.includes('@') ? 'EMAIL' : 'DNS';
}
