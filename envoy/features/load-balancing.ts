import type { ProxyFragment, RouteFragment, UpstreamFragment } from '../fragments/fragment';
import { type Extension, extension, type RouteAction } from '../messages/builders';
import type { Messages } from '../messages/schema/types';
import { HTTP_TOKEN } from '../options/http-token';
import { type Duration, positiveSeconds, seconds } from '../options/units';
import { invalidOption, oneOf, refuseUnknown } from '../options/validate';
import type { ScopeContext } from './feature';

/** Chooses a replica for each request. */
export interface LoadBalancingOptions {
  /**
   * Selects the algorithm. `roundRobin` takes one replica after the other. `leastRequest` compares two random replicas and
   * takes the one with fewer active requests. `random` takes any. `ringHash` and `maglev` send equal values of
   * `consistentHash` to the same replica.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/load_balancers
   * @default 'roundRobin' - with 'leastRequest', a replica that fails fast gets most requests. With `consistentHash`:
   * 'maglev', which spreads clients more evenly than 'ringHash'
   */
  readonly policy?: 'roundRobin' | 'leastRequest' | 'random' | 'ringHash' | 'maglev';
  /**
   * Binds a client to a replica while it is healthy (session affinity). When a replica comes or goes, only a share of the
   * clients moves. Without the header or cookie, Envoy takes any replica.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/route/v3/route_components.proto#envoy-v3-api-msg-config-route-v3-routeaction-hashpolicy
   * @default - no affinity
   */
  readonly consistentHash?: ConsistentHash;
  /**
   * Time in which the share of a new or recovered replica grows, for an API that must warm up. Only with 'roundRobin' and
   * 'leastRequest'.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/slow_start
   * @default - the full share immediately
   */
  readonly slowStartWindow?: Duration;
  /**
   * Sends requests to all replicas if none is healthy. This helps if only the health check is wrong. With `false`, Envoy
   * answers 503, so a failing API has time to recover. Envoy's own default already uses unhealthy replicas when more than
   * half of them are unhealthy.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/panic_threshold
   * @default true
   */
  readonly panicMode?: boolean;
}

/**
 * A header of the request; a cookie, which Envoy sets where it is missing and `ttl` is given (`'0s'` is until the browser
 * ends); or the client's address, which many clients share behind one network.
 */
export type ConsistentHash =
  | { readonly header: string }
  | { readonly cookie: string; readonly ttl?: Duration }
  | 'clientAddress';

/** What one route can have of its own. */
export type RouteLoadBalancingOptions = Pick<LoadBalancingOptions, 'consistentHash'>;

/** What one upstream can have of its own. */
export type UpstreamLoadBalancingOptions = Omit<LoadBalancingOptions, 'consistentHash'>;

/** Each policy as Envoy's extension, with a slow start where it has one. */
const BALANCERS = {
  roundRobin: (slow) =>
    extension(
      'envoy.load_balancing_policies.round_robin',
      'envoy.extensions.load_balancing_policies.round_robin.v3.RoundRobin',
      slow,
    ),
  leastRequest: (slow) =>
    extension(
      'envoy.load_balancing_policies.least_request',
      'envoy.extensions.load_balancing_policies.least_request.v3.LeastRequest',
      slow,
    ),
  random: () =>
    extension('envoy.load_balancing_policies.random', 'envoy.extensions.load_balancing_policies.random.v3.Random', {}),
  ringHash: () =>
    extension(
      'envoy.load_balancing_policies.ring_hash',
      'envoy.extensions.load_balancing_policies.ring_hash.v3.RingHash',
      {},
    ),
  maglev: () =>
    extension('envoy.load_balancing_policies.maglev', 'envoy.extensions.load_balancing_policies.maglev.v3.Maglev', {}),
} satisfies Record<NonNullable<LoadBalancingOptions['policy']>, (slow: SlowStart) => Extension<keyof Messages>>;

type Policy = keyof typeof BALANCERS;
interface SlowStart {
  readonly slow_start_config?: { readonly slow_start_window: `${number}s` };
}

const POLICIES = Object.keys(BALANCERS) as Policy[];
const hashes = (policy: Policy) => policy === 'ringHash' || policy === 'maglev';

function proxy(options: LoadBalancingOptions): ProxyFragment {
  const { consistentHash, ...ofUpstream } = options;
  if (consistentHash !== undefined && options.policy !== undefined && !hashes(options.policy)) {
    invalidOption(
      'loadBalancing.policy',
      "must be 'ringHash' or 'maglev' with consistentHash",
      options.policy,
      'leave it out',
    );
  }
  return {
    upstream: upstream(ofUpstream, { inherited: options }),
    ...(consistentHash !== undefined && { route: { action: hashPolicy(consistentHash) } }),
  };
}

function route(
  { consistentHash, ...unknown }: RouteLoadBalancingOptions,
  { inherited: { consistentHash: ofProxy } = {} }: ScopeContext<LoadBalancingOptions> = {},
): RouteFragment {
  refuseUnknown('loadBalancing', unknown);
  if (consistentHash !== undefined && ofProxy === undefined) {
    invalidOption('loadBalancing.consistentHash', 'needs one for the whole proxy', consistentHash, 'set it there, too');
  }
  const mine = consistentHash ?? ofProxy;
  return mine === undefined ? {} : { action: hashPolicy(mine) };
}

function upstream(
  options: UpstreamLoadBalancingOptions,
  { inherited = {} }: ScopeContext<LoadBalancingOptions> = {},
): UpstreamFragment {
  const { consistentHash, ...ofAll } = inherited;
  const {
    policy = consistentHash === undefined ? 'roundRobin' : 'maglev',
    slowStartWindow,
    panicMode = true,
    ...unknown
  } = { ...ofAll, ...options };
  refuseUnknown('loadBalancing', unknown);
  oneOf('loadBalancing.policy', policy, POLICIES);
  if (hashes(policy) && consistentHash === undefined) {
    invalidOption(
      'loadBalancing.policy',
      'needs consistentHash for the whole proxy',
      policy,
      "set it, for example to 'clientAddress'",
    );
  }
  if (slowStartWindow !== undefined && policy !== 'leastRequest' && policy !== 'roundRobin') {
    invalidOption(
      'loadBalancing.slowStartWindow',
      `must not be given with policy '${policy}', which has none`,
      slowStartWindow,
      "leave it out, or choose 'roundRobin' or 'leastRequest'",
    );
  }
  const slow: SlowStart =
    slowStartWindow === undefined
      ? {}
      : { slow_start_config: { slow_start_window: positiveSeconds('loadBalancing.slowStartWindow', slowStartWindow) } };
  return {
    cluster: {
      load_balancing_policy: { policies: [{ typed_extension_config: BALANCERS[policy](slow) }] },
      common_lb_config: {
        // Envoy's own 50 would use unwell replicas as soon as half of them are.
        healthy_panic_threshold: { value: panicMode ? 1 : 0 },
        // Envoy's own second, in which changes are collected, is a second of requests to a replica that is gone.
        update_merge_window: '0s',
      },
    },
  };
}

function hashPolicy(consistentHash: ConsistentHash): Partial<RouteAction> {
  if (consistentHash === 'clientAddress') {
    return { hash_policy: [{ connection_properties: { source_ip: true } }] };
  }
  if (
    typeof consistentHash !== 'object' ||
    consistentHash === null ||
    'header' in consistentHash === 'cookie' in consistentHash
  ) {
    return invalidOption(
      'loadBalancing.consistentHash',
      "must be { header }, { cookie } or 'clientAddress'",
      consistentHash,
      "write for example { header: 'x-user' }",
    );
  }
  if ('header' in consistentHash) {
    const { header, ...unknown } = consistentHash;
    refuseUnknown('loadBalancing.consistentHash', unknown);
    return { hash_policy: [{ header: { header_name: token('header', header) } }] };
  }
  const { cookie, ttl, ...unknown } = consistentHash;
  refuseUnknown('loadBalancing.consistentHash', unknown);
  const made = ttl !== undefined && { ttl: seconds('loadBalancing.consistentHash.ttl', ttl), path: '/' };
  return { hash_policy: [{ cookie: { name: token('cookie', cookie), ...made } }] };
}

function token(name: string, value: string): string {
  return HTTP_TOKEN.test(value)
    ? value
    : invalidOption(
        `loadBalancing.consistentHash.${name}`,
        'must be a name without spaces',
        value,
        "write for example 'x-user'",
      );
}

export const loadBalancing = { onByDefault: true as const, proxy, route, upstream };
