import type { ProxyFragment, Refusal } from '../../fragments/fragment';
import {
  JWT,
  JWT_AUDIENCE,
  JWT_CLAIM,
  JWT_CLAIMS,
  JWT_CONTENT_FILTER,
  JWT_CRITICAL,
  JWT_FILTER,
  JWT_HEADER,
  JWT_PLACE,
  JWT_PLACE_FILTER,
} from '../../messages/resource-names';
import type { envoy } from '../../messages/schema/types';
import { malformedReplies, refusalFilter } from '../shared/deny-filter';

// What Envoy's jwt filter accepts, and must not.

type Permission = envoy.config.rbac.v3.Permission;

/** A header that a token may be in, and what stands before the token. */
export interface TokenHeader {
  readonly name: string;
  readonly valuePrefix: string;
}

/** A scheme of RFC 9110 and its space. */
const SCHEME = /^[A-Za-z][A-Za-z0-9-]* $/;

/**
 * The prefixes that Envoy looks for. It finds them anywhere in the header, letter by letter. So the end of a scheme in capitals
 * and in small letters finds the scheme in whatever case, and `refuseMisplaced` refuses all other values that hold it.
 */
export function toEnvoyPrefixes(valuePrefix: string): string[] {
  const end = valuePrefix.slice(-2);
  return SCHEME.test(valuePrefix) ? [...new Set([end.toLowerCase(), end.toUpperCase()])] : [valuePrefix];
}

/** Refuses headers in which Envoy would find a token though they are not one: behind another scheme, or one of two values. */
export function refuseMisplaced(headers: readonly TokenHeader[]): ProxyFragment {
  const prefixed = headers.filter(({ valuePrefix }) => valuePrefix !== '');
  const names = [...new Set(prefixed.map(({ name }) => name))];
  const rules = names.map((name) => {
    const prefixes = prefixed.filter((one) => one.name === name).map(({ valuePrefix }) => valuePrefix);
    return misplaced(name, [...new Set(prefixes)]);
  });
  return rules.length === 0
    ? {}
    : refuse(JWT_PLACE_FILTER, {
        [JWT_PLACE]: { permission: { or_rules: { rules } }, answer: invalid('Jwt is not where it has to be') },
      });
}

function misplaced(name: string, prefixes: readonly string[]): Permission {
  const starts = prefixes.map((prefix) => (SCHEME.test(prefix) ? `(?i:${prefix.trim()}) +` : `\\Q${prefix}\\E`));
  const found = prefixes.map((prefix): Permission => {
    const contains = SCHEME.test(prefix) ? { contains: prefix.slice(-2), ignore_case: true } : { contains: prefix };
    return { header: { name, string_match: contains } };
  });
  // Envoy makes one value of several `authorization` headers, with a comma, which is in no token.
  const wellFormed = { safe_regex: { regex: `(?:${starts.join('|')})[A-Za-z0-9._~+/-]+=*` } };
  return {
    and_rules: {
      rules: [{ or_rules: { rules: found } }, { header: { name, invert_match: true, string_match: wellFormed } }],
    },
  };
}

interface Accepted {
  readonly issuer: string;
  readonly audiences: readonly string[];
  /** The headers that claims of its tokens are handed on in. */
  readonly headers: readonly string[];
}

/** Refuses tokens that Envoy has verified, for what is in them. */
export function refuseContent(providers: readonly Accepted[]): ProxyFragment {
  const headers = [...new Set(providers.flatMap((provider) => provider.headers))];
  return refuse(JWT_CONTENT_FILTER, {
    // Envoy leaves out `http://`, `https://` and a last slash on both sides before it compares.
    [JWT_AUDIENCE]: {
      permission: otherAudience(providers),
      answer: { ...invalid('Audiences in Jwt are not allowed'), status_code: 403 },
    },
    // RFC 7515: whoever does not know what has to be known must refuse. Envoy knows nothing of that kind.
    [JWT_CRITICAL]: {
      permission: said([JWT_HEADER, 'crit'], { present_match: true }),
      answer: invalid('Jwt needs what is not supported'),
    },
    // With a line break in it, the API could be sent no request.
    ...(headers.length > 0 && {
      [JWT_CLAIM]: {
        permission: { or_rules: { rules: headers.map(brokenHeader) } },
        answer: invalid('Jwt has a claim with a control character, which no header can hold'),
      },
    }),
  });
}

function otherAudience(providers: readonly Accepted[]): Permission {
  const allowed = providers.map(({ issuer, audiences }): Permission => {
    const values = audiences.map((audience): ValueMatcher => ({ string_match: { exact: audience } }));
    const either = values.flatMap((one): ValueMatcher[] => [one, { list_match: { one_of: one } }]);
    return {
      and_rules: {
        rules: [
          said([JWT_CLAIMS, 'iss'], { string_match: { exact: issuer } }),
          said([JWT_CLAIMS, 'aud'], { or_match: { value_matchers: either } }),
        ],
      },
    };
  });
  return {
    and_rules: {
      rules: [said([JWT_CLAIMS, 'iss'], { present_match: true }), { not_rule: { or_rules: { rules: allowed } } }],
    },
  };
}

type ValueMatcher = envoy.type.matcher.v3.ValueMatcher;

/** What a verified token says there. Where there was none, nothing is. */
function said(path: readonly string[], value: ValueMatcher): Permission {
  return {
    sourced_metadata: { metadata_matcher: { filter: JWT_FILTER, path: path.map((key) => ({ key })), value } },
  };
}

const brokenHeader = (name: string): Permission => ({
  header: { name, invert_match: true, string_match: { safe_regex: { regex: '[^\\x00-\\x08\\x0a-\\x1f\\x7f]*' } } },
});

const invalid = (text: string): NonNullable<Refusal['answer']> => ({
  status_code: 401,
  body: { inline_string: text },
  headers_to_add: [{ header: { key: 'www-authenticate', value: 'Bearer error="invalid_token"' } }],
});

function refuse(filter: string, refusals: Readonly<Record<string, Refusal>>): ProxyFragment {
  return {
    httpFilters: [refusalFilter(filter, JWT, [{ by: 'jwt', value: refusals }])],
    connectionManager: malformedReplies(refusals),
  };
}
