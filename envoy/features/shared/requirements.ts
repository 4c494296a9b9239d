import type { Requirement } from '../../fragments/fragment';
import {
  API_KEYS_FILTER,
  BASIC_AUTH_FILTER,
  CLIMBING_PATH,
  JWT_FILTER,
  MALFORMED_AUTHORITY,
} from '../../messages/resource-names';
import type { RouteMatchOptions } from '../../options/route-match';

// An option that refers to an identity needs the feature that authenticates it. Without that feature, no client has the identity.
export const requiresJwt = (option: string): Requirement => ({ option, filter: JWT_FILTER, remedy: 'set jwt' });

export const requiresApiKeys = (option: string): Requirement => ({
  option,
  filter: API_KEYS_FILTER,
  remedy: 'set apiKeys',
});

export const requiresBasicAuth = (option: string): Requirement => ({
  option,
  filter: BASIC_AUTH_FILTER,
  remedy: 'set basicAuth',
});

/** Each path has one spelling, so that a rule for a path holds for all paths that the API takes for it. */
export function requiresNormalizedPaths(option: string): Requirement[] {
  const remedy = 'leave pathNormalization as it is by default; with baseConfig, set pathNormalization: {}';
  return [
    { option, field: 'normalize_path', values: [true], remedy },
    { option, field: 'merge_slashes', values: [true], remedy },
    {
      option,
      field: 'path_with_escaped_slashes_action',
      values: ['UNESCAPE_AND_REDIRECT', 'REJECT_REQUEST', 'UNESCAPE_AND_FORWARD'],
      remedy,
    },
    { option, refusal: CLIMBING_PATH, remedy },
  ];
}

/** Each host has one spelling. */
export function requiresValidHosts(option: string): Requirement {
  const remedy = 'leave requestHeaders as it is by default; with baseConfig, set requestHeaders: {}';
  return { option, refusal: MALFORMED_AUTHORITY, remedy };
}

/** The normalization leaves paths as this one is written. */
export function requiresPathAsWritten(option: string, path: RouteMatchOptions['path']): Requirement[] {
  const [text = ''] = typeof path === 'string' ? [path] : 'regex' in path ? [] : Object.values(path);
  return [
    ...(/%2f|%5c/i.test(text)
      ? [
          {
            option,
            field: 'path_with_escaped_slashes_action' as const,
            values: ['KEEP_UNCHANGED', undefined],
            remedy: "write '/' in place of '%2F' and '%5C', as no path comes through with them",
          },
        ]
      : []),
    ...(text.includes('//')
      ? [
          {
            option,
            field: 'merge_slashes' as const,
            values: [false, undefined],
            remedy: "write '/' in place of '//', as no path comes through with it",
          },
        ]
      : []),
  ];
}
