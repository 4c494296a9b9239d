import type { HttpConnectionManager } from '../messages/builders';
import {
  API_KEYS_FILTER,
  BASIC_AUTH_FILTER,
  CLIMBING_PATH,
  JWT_FILTER,
  MALFORMED_AUTHORITY,
  MALFORMED_FILTER,
} from '../messages/resource-names';
import type { envoy } from '../messages/schema/types';
import type { RouteMatchOptions } from '../options/route-match';
import { fail, within } from '../options/validate';
import type { Need } from './fragment';

/** What is needed, with the scope of the options that need it: `routes[0].`, or none. */
export interface ScopedNeed {
  readonly scope: string;
  readonly need: Need;
}

/** Whether the connection manager has what is needed. */
export function isMet(need: Need, manager: Partial<HttpConnectionManager>): boolean {
  if ('filter' in need) {
    return (manager.http_filters ?? []).some(({ name }) => name === need.filter);
  }
  if ('refusal' in need) {
    return refusalsOf(manager).includes(need.refusal);
  }
  return need.values.some((value) => value === manager[need.field]);
}

function refusalsOf({ http_filters: filters = [] }: Partial<HttpConnectionManager>): string[] {
  const ours = filters.filter(({ name }) => name === MALFORMED_FILTER);
  return ours.flatMap(({ typed_config: config }) =>
    Object.keys((config as envoy.extensions.filters.http.rbac.v3.RBAC | undefined)?.rules?.policies ?? {}),
  );
}

/** Refuses options that would not do what they say, since another feature is off or says otherwise. */
export function checkNeeds(needs: readonly ScopedNeed[], manager: HttpConnectionManager): void {
  for (const { scope, need } of needs) {
    if (isMet(need, manager)) {
      continue;
    }
    const { option, remedy } = need;
    const [what, got] =
      'filter' in need
        ? [`the filter ${need.filter}`, 'none']
        : 'refusal' in need
          ? [`the refusal of ${need.refusal}`, 'none']
          : [
              `${need.field} to be ${need.values.filter((value) => value !== undefined).join(' or ')}`,
              manager[need.field],
            ];
    within(scope, () => fail(option, `needs ${what}`, got, remedy));
  }
}

// Who finds out who a client is. Without, all are nobody: what is for one of them is for none, or for all together.

export const tokens = (option: string): Need => ({ option, filter: JWT_FILTER, remedy: 'set jwt' });
export const apiClients = (option: string): Need => ({ option, filter: API_KEYS_FILTER, remedy: 'set apiKeys' });
export const passwords = (option: string): Need => ({ option, filter: BASIC_AUTH_FILTER, remedy: 'set basicAuth' });

/** One spelling for each path: what is said of one holds for all that the API would take for it. */
export function onePath(option: string): Need[] {
  const remedy = 'leave pathNormalization as it is by default; with base, set pathNormalization: {}';
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

/** One spelling for each host. */
export function oneHost(option: string): Need {
  const remedy = 'leave headers as it is by default; with base, set headers: {}';
  return { option, refusal: MALFORMED_AUTHORITY, remedy };
}

/** What lets paths through that are written as this one is. */
export function asWritten(option: string, path: RouteMatchOptions['path']): Need[] {
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
