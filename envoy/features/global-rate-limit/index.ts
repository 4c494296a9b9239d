import type { ProxyFragment, RouteFragment } from '../../fragments/fragment';
import type { Restrictions } from '../../fragments/restrictions';
import {
  ANOTHER_HOST,
  type Cluster,
  extension,
  HTTP2,
  loadAssignment,
  percent,
  socketAddress,
  typed,
} from '../../messages/builders';
import { setHeader } from '../../messages/header-mutations';
import { GLOBAL_RATE_LIMIT } from '../../messages/resource-names';
import type { envoy } from '../../messages/schema/types';
import type { Rate } from '../../options/rate';
import { isReference } from '../../options/terraform-tokens';
import { port as checkedPort, type Duration, integer, milliseconds, positiveSeconds } from '../../options/units';
import { invalidOption, oneOf, refuseUnknown } from '../../options/validate';
import type { ScopeContext } from '../feature';
import { found } from '../shared/cluster-discovery';
import { believedHeaders, type Claim, identityRequirements } from '../shared/rate-limits/descriptors';
import { type GlobalLimit, globalLimits } from './limits';

/**
 * How many requests may come to all sidecars that share a service, `envoyproxy/ratelimit`, which the construct `GlobalRateLimit`
 * runs: write `globalRateLimit: { ...limits.options, failureMode: 'deny' }`. Each request asks it, after all that Envoy
 * refuses by itself. It counts in fixed windows, so around the end of one twice the rate can come. Over it, the answer is
 * 429, and `x-ratelimit-reset` and `retry-after` tell when the window ends.
 */
export interface GlobalRateLimitOptions {
  /**
   * Where the service is. Port 8081 if none is said, its own for gRPC.
   *
   * @example { host: 'limits' }
   */
  readonly service: { readonly host: string; readonly port?: number };
  /** Its name for these limits. A domain that it does not know has none there, so every request passes. */
  readonly domain: string;
  /**
   * The rates, which its configuration has to hold as well: what it does not know, it lets pass.
   *
   * @example { total: '1000/s' }
   */
  readonly limits: GlobalLimits;
  /**
   * What becomes of a request when the service can't be asked, or can't count. `allow`: it goes on, and nothing is limited.
   * `deny`: it gets 503, so the API is away whenever the service is. Neither is right for everybody, so one must be said.
   */
  readonly failureMode: 'allow' | 'deny';
  /**
   * How long a request waits for the service's answer.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/rate_limit_filter
   * @default '250ms', longer than the 200 ms after which a lost packet is sent again; Envoy's own 20 ms are over with a
   * pause of the service. One that is down is found by its health check, and nobody waits for it
   */
  readonly timeout?: Duration;
  /**
   * Refuses nobody, whatever the service says, and a request over the rate counts in
   * `cluster.api.ratelimit.global_rate_limit.over_limit`. To try out a rate.
   *
   * @default false
   */
  readonly shadow?: boolean;
}

/**
 * Rates that hold for all sidecars together.
 */
export interface GlobalLimits {
  /**
   * For all clients together.
   *
   * @default - no bound
   */
  readonly total?: Rate;
  /**
   * For each client by its address, see `clientIp`; for IPv6 by its network of 64 bits.
   *
   * @default - no bound
   */
  readonly perClient?: Rate;
  /**
   * For each value of a request header; requests without it, or with one longer than 256 bytes, count as one. Clients
   * choose the value, so another rate must be there.
   *
   * @default - none
   */
  readonly perHeader?: { readonly name: string; readonly rate: Rate };
  /**
   * For each value of a claim, as in `identityRateLimit`.
   *
   * @default - none
   */
  readonly perClaim?: { readonly claim: Claim; readonly rate: Rate };
  /**
   * For each client by the name that its API key has.
   *
   * @default - none
   */
  readonly perApiClient?: Rate;
  /**
   * For each user by the name that its password has.
   *
   * @default - none
   */
  readonly perUser?: Rate;
}

/**
 * What a request of one route counts.
 */
export interface GlobalRateLimitCost {
  /**
   * How many requests one of this route counts as: for those that cost the API more. From 1 to 1000.
   *
   * @example 10
   */
  readonly cost: number;
}

const FILTER = 'envoy.filters.http.ratelimit';
const RATE_LIMIT_SERVICE = 8_081;

/**
 * Where one service ends, as when it is replaced, another one is asked. Envoy takes the longest pause for the time of one try as
 * well: one shorter than the whole timeout would end tries that are slow, and they would count twice.
 */
const askAnother = (timeout: `${number}s`) => ({
  retry_on: 'reset',
  num_retries: 2,
  retry_back_off: { base_interval: '0.001s' as const, max_interval: timeout },
  ...ANOTHER_HOST,
});

const RETRY_AFTER = setHeader('retry-after', '%RESP(x-ratelimit-reset)%');

function proxy(options: GlobalRateLimitOptions): ProxyFragment {
  const { service, domain, limits, failureMode, timeout = '250ms', shadow = false, ...unknown } = options;
  refuseUnknown('globalRateLimit', unknown);
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(domain ?? '')) {
    invalidOption(
      'globalRateLimit.domain',
      'must be small letters, digits, ., - and _',
      domain,
      "write for example 'api'",
    );
  }
  oneOf('globalRateLimit.failureMode', failureMode, ['allow', 'deny']);
  const counted = globalLimits('globalRateLimit.limits', limits ?? {});
  const believed = believedHeaders(limits);
  const wait = positiveSeconds('globalRateLimit.timeout', timeout);
  return {
    httpFilters: [
      extension(FILTER, 'envoy.extensions.filters.http.ratelimit.v3.RateLimit', {
        domain,
        stat_prefix: GLOBAL_RATE_LIMIT,
        timeout: wait,
        failure_mode_deny: failureMode === 'deny',
        // No fault of the API, nor for good.
        status_on_error: { code: 'ServiceUnavailable' },
        rate_limited_as_resource_exhausted: true,
        filter_enabled: percent(100),
        filter_enforced: percent(shadow ? 0 : 100),
        ...(!shadow && {
          enable_x_ratelimit_headers: 'DRAFT_VERSION_03',
          response_headers_to_add: [RETRY_AFTER],
        }),
        rate_limits: rateLimits(counted),
        rate_limit_service: {
          transport_api_version: 'V3',
          grpc_service: { envoy_grpc: { cluster_name: GLOBAL_RATE_LIMIT }, retry_policy: askAnother(wait) },
        },
      }),
    ],
    clusters: [clusterOf(service, timeout)],
    requires: identityRequirements('globalRateLimit.limits', limits),
    ...(believed.length > 0 && { identityHeaders: believed }),
  };
}

function route(
  own: GlobalRateLimitCost,
  { inherited = {} }: ScopeContext<Partial<GlobalRateLimitOptions>>,
): RouteFragment {
  const { cost, ...unknown } = own;
  refuseUnknown('globalRateLimit', unknown);
  if (inherited.limits === undefined) {
    invalidOption('globalRateLimit', 'needs the limits of the whole proxy', own, 'give it globalRateLimit');
  }
  integer('globalRateLimit.cost', cost, 1, 1_000);
  return {
    route: {
      typed_per_filter_config: {
        [FILTER]: typed('envoy.extensions.filters.http.ratelimit.v3.RateLimitPerRoute', {
          rate_limits: rateLimits(globalLimits('globalRateLimit.limits', inherited.limits), cost),
        }),
      },
    },
  };
}

function rateLimits(limits: readonly GlobalLimit[], cost?: number): envoy.config.route.v3.RateLimit[] {
  return limits.map(({ actions }) => ({
    actions: [...actions],
    ...(cost !== undefined && { hits_addend: { number: cost } }),
  }));
}

/** The cluster of the service, asked each second whether it is well: what is down must not make everybody wait. */
function clusterOf(
  { host, port = RATE_LIMIT_SERVICE, ...unknown }: GlobalRateLimitOptions['service'],
  timeout: Duration,
): Cluster {
  refuseUnknown('globalRateLimit.service', unknown);
  if (!isReference(host) && !/^[a-zA-Z0-9_.:-]+$/.test(host)) {
    invalidOption(
      'globalRateLimit.service.host',
      'must be a host name or an address',
      host,
      "write for example 'ratelimit'",
    );
  }
  checkedPort('globalRateLimit.service.port', port);
  return {
    name: GLOBAL_RATE_LIMIT,
    // One that is gone leaves time to ask another.
    connect_timeout: `${Math.ceil(milliseconds('globalRateLimit.timeout', timeout) / 2) / 1_000}s`,
    ...found(host, LOOK_UP),
    load_assignment: loadAssignment(GLOBAL_RATE_LIMIT, socketAddress(host, port)),
    typed_extension_protocol_options: HTTP2,
    // Of none that is well there is none to ask.
    common_lb_config: { healthy_panic_threshold: {} },
    health_checks: [
      {
        timeout: '0.5s',
        interval: '1s',
        no_traffic_interval: '1s',
        unhealthy_threshold: 2,
        healthy_threshold: 1,
        grpc_health_check: { service_name: 'ratelimit' },
      },
    ],
    circuit_breakers: { thresholds: [{ max_requests: 10_000, max_pending_requests: 10_000, max_retries: 10_000 }] },
  };
}

const LOOK_UP = {
  dns_refresh_rate: '1s',
  dns_failure_refresh_rate: { base_interval: '0.5s', max_interval: '1s' },
} as const;

/** Less passes where a request counts as more. */
function restrictions(
  own: Partial<GlobalRateLimitCost>,
  { inherited: { limits, shadow = false } = {} }: ScopeContext<Partial<GlobalRateLimitOptions>>,
): Restrictions {
  return limits !== undefined && !shadow ? { share: 1 / (own.cost ?? 1) } : {};
}

export const globalRateLimit = { proxy, route, restrictions };
