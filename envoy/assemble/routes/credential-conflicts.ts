import { placeOf } from '../../features/shared/credential-match';
import { invalidOption } from '../../options/validate';
import type { ResolvedRoute } from './resolved-route';

/**
 * Refuses what no request can show: two credentials of two features that both look for theirs in the same one place. But not
 * for all that is left, where routes have one of them each: that is closed then.
 */
export function rejectConflictingCredentials(rules: readonly ResolvedRoute[]): void {
  const alone = (one: string, other: string) => rules.some(({ off }) => off.includes(other) && !off.includes(one));
  // Other spellings of a route's path may ask for all that several routes ask for: nothing passes them then.
  const isSpelled = ({ scope, spellings }: ResolvedRoute) =>
    spellings !== undefined && rules.some((other) => other.scope === scope && other.spellings === undefined);
  for (const { parts, scope } of rules.filter((rule) => !isSpelled(rule))) {
    const first = new Map<string, string>();
    for (const { by, value } of parts) {
      const [place, ...others] = new Set(value.credentialMatches?.map(placeOf));
      if (place === undefined || others.length > 0) {
        continue;
      }
      const other = first.get(place);
      if (other !== undefined && !(scope === '' && alone(by, other) && alone(other, by))) {
        invalidOption(
          by,
          `can't be needed together with ${other}, as a request has one credential in one place`,
          place,
          'name both in authentication.anyOf, so that one is enough, or let one of them look elsewhere',
        );
      }
      first.set(place, by);
    }
  }
}
