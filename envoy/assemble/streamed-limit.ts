import type { Part } from '../fragments/merge';
import type { Cluster, HttpFilter } from '../messages/builders';
import { STREAMED_REQUESTS_FILTER } from '../messages/resource-names';
import type { Typed } from '../messages/schema/types';
import { invalidOption } from '../options/validate';
import type { UpstreamGroup } from './clusters';

type ExtensionWithMatcher = Typed<'envoy.extensions.common.matching.v3.ExtensionWithMatcher'>;
type AdaptiveConcurrency = Typed<'envoy.extensions.filters.http.adaptive_concurrency.v3.AdaptiveConcurrency'>;

/** Envoy's own bounds of a cluster that says nothing. */
const UNBOUNDED = 1_024;

/** A cluster with those that it leads to. */
interface Led {
  readonly cluster: Cluster;
  readonly group: Pick<UpstreamGroup, 'servers'>;
}

/** Gives streamed requests half of what the upstream with the lowest bounds bears, where no option says how many they may be. */
export function boundStreamedRequests(
  filters: readonly Part<HttpFilter>[],
  upstreams: readonly Led[],
): Part<HttpFilter>[] {
  const lowest = Math.min(...upstreams.map(bound));
  return filters.map((part) =>
    part.value.name === STREAMED_REQUESTS_FILTER ? { ...part, value: withLimit(part.value, lowest) } : part,
  );
}

/** How many requests an upstream takes at once. */
function bound({ cluster: { circuit_breakers: breakers }, group: { servers } }: Led): number {
  const of = breakers?.thresholds?.find(({ priority = 'DEFAULT' }) => priority === 'DEFAULT');
  const ofHost = breakers?.per_host_thresholds?.[0]?.max_connections;
  const hosts = servers.reduce((count, { fallback, replicas = 1 }) => count + (fallback ? 0 : replicas), 0);
  return Math.min(
    of?.max_connections ?? UNBOUNDED,
    of?.max_requests ?? UNBOUNDED,
    ofHost === undefined ? Number.POSITIVE_INFINITY : ofHost * hosts,
  );
}

function withLimit(filter: HttpFilter, lowest: number): HttpFilter {
  const { extension_config, ...matcher } = filter.typed_config as ExtensionWithMatcher;
  const config = extension_config.typed_config as AdaptiveConcurrency;
  const { concurrency_limit_params, min_rtt_calc_params } = config.gradient_controller_config ?? {};
  const asked = concurrency_limit_params?.max_concurrency_limit;
  if (asked !== undefined && asked >= lowest) {
    invalidOption(
      'requestBuffering.maxStreamed',
      `must be less than circuitBreaker lets an upstream have at once (${lowest}), or slow bodies take all of it`,
      asked,
      'lower it, or raise circuitBreaker.maxConnections and circuitBreaker.maxRequests',
    );
  }
  const limit = asked ?? Math.max(1, Math.floor(lowest / 2));
  const gradient_controller_config = {
    concurrency_limit_params: { max_concurrency_limit: limit, ...concurrency_limit_params },
    min_rtt_calc_params: { min_concurrency: limit, ...min_rtt_calc_params },
  };
  return {
    ...filter,
    typed_config: {
      ...matcher,
      extension_config: { ...extension_config, typed_config: { ...config, gradient_controller_config } },
    },
  } as HttpFilter;
}
