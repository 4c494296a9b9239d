import { invalidOption, oneOf } from '../../options/validate';
import { splitBySpecificity } from './host-match';
import { describeMatch } from './match';
import type { RouteOrder } from './options';
import { compareSpecificity, covers, coversInAnySpelling } from './precedence';
import type { ResolvedRoute } from './resolved-route';

/** Finds the first rule that takes requests of a scope, if the rules before those of the scope leave none of its requests. */
function findTakers<One extends Pick<ResolvedRoute, 'scope'>>(
  inOrder: readonly One[],
  takes: (one: One, rule: One) => boolean,
) {
  const before = (rule: One) => inOrder.slice(0, inOrder.indexOf(rule)).find((one) => takes(one, rule));
  return (scope: string): One | undefined => {
    const [first, ...more] = inOrder.filter((rule) => rule.scope === scope).map(before);
    return more.includes(undefined) ? undefined : first;
  };
}

/** Refuses a rule whose path another one takes as a spelling of its own. */
export function assertNoneTakenAsSpelling(inOrder: readonly ResolvedRoute[]): void {
  const takerOf = findTakers(
    inOrder,
    (one, rule) =>
      one.spellings !== undefined && one.scope !== rule.scope && coversInAnySpelling(one.match, rule.match),
  );
  for (const { scope, match } of inOrder) {
    const first = takerOf(scope);
    if (first) {
      invalidOption(
        scope.slice(0, -1),
        `can never match, since ${first.scope.slice(0, -1)} refuses its requests as another spelling of its own`,
        describeMatch(match),
        "put it before that one, with routeOrder: 'asWritten'",
      );
    }
  }
}

/** Refuses a rule that no request is left for. */
export function sortRoutes<One extends Pick<ResolvedRoute, 'match' | 'scope'>>(
  own: readonly One[],
  order: RouteOrder,
): One[] {
  oneOf('routeOrder', order, ['mostSpecificFirst', 'asWritten']);
  const apart = own.flatMap((rule) =>
    splitBySpecificity(rule.match.hosts).map((hosts) => ({
      ...rule,
      match: { ...rule.match, ...(hosts && { hosts }) },
    })),
  );
  const sorted =
    order === 'asWritten' ? [...own] : apart.sort((one, other) => compareSpecificity(one.match, other.match));
  const takerOf = findTakers(sorted, (one, rule) => covers(one.match, rule.match));
  for (const { scope, match } of own) {
    const first = takerOf(scope);
    if (first) {
      invalidOption(
        scope.slice(0, -1),
        `can never match, since ${first.scope.slice(0, -1)} is tried before it and takes all its requests`,
        describeMatch(match),
        order === 'asWritten' ? 'write it first' : "narrow that one, or choose the order with routeOrder: 'asWritten'",
      );
    }
  }
  return sorted;
}
