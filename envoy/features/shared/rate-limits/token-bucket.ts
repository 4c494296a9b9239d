import type { Restrictions } from '../../../fragments/restrictions';
import { type Bucket, parseRate, type Rate } from '../../../options/rate';

/** What rates refuse, by what they count. */
export function toRestrictions(rates: Readonly<Record<string, Rate | undefined>>): Restrictions {
  const bounds = Object.entries(rates).flatMap(([name, rate]): [string, number][] => {
    if (rate === undefined) {
      return [];
    }
    const { tokens, seconds } = parseRate(name, rate);
    return [
      [`${name} at once`, tokens],
      [`${name} a second`, tokens / seconds],
    ];
  });
  return Object.fromEntries(bounds);
}

/** Whether a bucket can only be empty when another one is, too. */
export function boundsNothing(one: Bucket, other: Bucket): boolean {
  return one.tokens >= other.tokens && one.tokens / one.seconds >= other.tokens / other.seconds;
}

/** Until there is room again, at the longest: Envoy fills evenly, not once an interval. */
export function secondsToNext({ tokens, seconds }: Bucket): number {
  return Math.ceil(seconds / tokens);
}
