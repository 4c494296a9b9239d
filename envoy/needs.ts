import type { HttpConnectionManager } from './api';
import type { Need } from './fragment';
import { fail, within } from './values';

/** What is needed, with the scope of the options that need it: `routes[0].`, or none. */
export interface ScopedNeed {
  readonly scope: string;
  readonly need: Need;
}

/** Refuses options that would not do what they say, since another feature is off or says otherwise. */
export function checkNeeds(needs: readonly ScopedNeed[], manager: HttpConnectionManager): void {
  for (const { scope, need } of needs) {
    const { option, field, values, remedy } = need;
    const got: unknown = manager[field];
    if (!values.some((value) => value === got)) {
      within(scope, () => fail(option, `needs ${field} to be ${values.join(' or ')}`, got, remedy));
    }
  }
}
