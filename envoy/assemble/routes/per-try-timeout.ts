import type { RetryTiming } from '../../fragments/fragment';
import { merge, ownerOf } from '../../fragments/merge';
import { ROUTE_TIMEOUT, type Route } from '../../messages/builders';
import { milliseconds } from '../../options/units';
import { invalidOption } from '../../options/validate';

/** What makes Envoy try again after a time-out. */
const AFTER_TIMEOUT: readonly string[] = ['reset', '5xx', 'gateway-error'];

/**
 * A route whose tries have room in the time that its request has. Envoy hedges: the first try continues, and the first good
 * response counts, so what is slow everywhere is answered as late as it would be without.
 *
 * @param by - the option that the tries come from
 */
export function applyPerTryTimeout(
  route: Route,
  { maxTries, perTryTimeout, sequentialTries }: RetryTiming,
  by: string,
): Route {
  const { retry_policy: policy, timeout = ROUTE_TIMEOUT } = route.route ?? {};
  const conditions = policy?.retry_on?.split(',') ?? [];
  const isSet = perTryTimeout === undefined && policy?.per_try_timeout !== undefined;
  if (!policy || isSet || !conditions.some((one) => AFTER_TIMEOUT.includes(one))) {
    return route;
  }
  const all = Number(timeout.slice(0, -1)) * 1_000;
  const share = sequentialTries === undefined ? 0 : Math.floor(all / sequentialTries);
  const mine = perTryTimeout === undefined ? share : milliseconds(`${by}.perTryTimeout`, perTryTimeout);
  // Without a bound for the request there is none for a try, but the one that was asked for.
  if (mine === 0) {
    return route;
  }
  if (perTryTimeout !== undefined && all > 0 && mine * maxTries > all) {
    const owner = route.route?.timeout === undefined ? 'Envoy' : ownerOf(route, ['route', 'timeout']);
    invalidOption(
      `${by}.perTryTimeout`,
      `must leave time for ${maxTries} tries within the ${timeout} of ${owner}`,
      perTryTimeout,
      'lower it or numRetries, or raise that',
    );
  }
  const bounds: Partial<Route> = {
    route: {
      retry_policy: { per_try_timeout: `${mine / 1_000}s` },
      hedge_policy: { hedge_on_per_try_timeout: true },
    },
  };
  return merge<Partial<Route>>([
    { by, value: route },
    { by, value: bounds },
  ]) as Route;
}
