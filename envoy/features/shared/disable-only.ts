import type { RouteFragment } from '../../fragments/fragment';
import { invalidOption } from '../../options/validate';

/** What a route says of a feature for which Envoy has no options there: its requests are passed by, or are like all others. */
export const disableOnly =
  (name: string) =>
  (own: never): RouteFragment =>
    invalidOption(name, 'has no options of a route', own, `write ${name}: false, or leave it out`);
