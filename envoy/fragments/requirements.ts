import type { HttpConnectionManager } from '../messages/builders';
import { MALFORMED_FILTER } from '../messages/resource-names';
import type { envoy } from '../messages/schema/types';
import { invalidOption, within } from '../options/validate';
import type { Requirement } from './fragment';

/** What is needed, with the scope of the options that need it: `routes[0].`, or none. */
export interface ScopedRequirement {
  readonly scope: string;
  readonly requirement: Requirement;
}

/** Whether the connection manager has what is needed. */
export function isMet(need: Requirement, manager: Partial<HttpConnectionManager>): boolean {
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
export function assertRequirements(needs: readonly ScopedRequirement[], manager: HttpConnectionManager): void {
  for (const { scope, requirement } of needs) {
    if (isMet(requirement, manager)) {
      continue;
    }
    const { option, remedy } = requirement;
    const [what, got] =
      'filter' in requirement
        ? [`the filter ${requirement.filter}`, 'none']
        : 'refusal' in requirement
          ? [`the refusal of ${requirement.refusal}`, 'none']
          : [
              `${requirement.field} to be ${requirement.values.filter((value) => value !== undefined).join(' or ')}`,
              manager[requirement.field],
            ];
    within(scope, () => invalidOption(option, `needs ${what}`, got, remedy));
  }
}
