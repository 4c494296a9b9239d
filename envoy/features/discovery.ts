import type { UpstreamFragment } from '../fragments/fragment';
import { type Duration, milliseconds, seconds } from '../options/units';
import { invalidOption, oneOf, refuseUnknown } from '../options/validate';
import type { UpstreamContext } from './feature';
import { byName } from './shared/cluster-discovery';

/** Finds the addresses of the API's host name. */
export interface DiscoveryOptions {
  /**
   * Selects how Envoy finds addresses. `STRICT_DNS` uses all addresses of the name, so all replicas. `LOGICAL_DNS` uses the
   * first address only, for a name with very many. `STATIC` takes the host as an IP address, without DNS.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/service_discovery
   * @default 'STRICT_DNS'
   */
  readonly type?: 'STRICT_DNS' | 'LOGICAL_DNS' | 'STATIC';
  /**
   * Selects IPv4 or IPv6 addresses. `V4_PREFERRED` uses IPv6 only if there is no IPv4 address.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/cluster.proto#envoy-v3-api-enum-config-cluster-v3-cluster-dnslookupfamily
   * @default 'V4_PREFERRED' - Envoy's own `AUTO` prefers IPv6, which container networks rarely route
   */
  readonly dnsLookupFamily?: 'V4_ONLY' | 'V6_ONLY' | 'V4_PREFERRED' | 'AUTO' | 'ALL';
  /**
   * Time between two DNS look-ups. A new replica gets requests after this time at the latest. Envoy forgets a removed
   * replica once it also fails its health check.
   *
   * @default '1s' - a container engine runs its name server on the same host, so look-ups are cheap
   */
  readonly dnsRefreshRate?: Duration;
}

function upstream(
  options: DiscoveryOptions,
  { inherited = {}, servers = [] }: Partial<UpstreamContext<DiscoveryOptions>> = {},
): UpstreamFragment {
  const {
    type = 'STRICT_DNS',
    dnsLookupFamily = 'V4_PREFERRED',
    dnsRefreshRate = '1s',
    ...unknown
  } = { ...inherited, ...options };
  refuseUnknown('discovery', unknown);
  oneOf('discovery.type', type, ['STRICT_DNS', 'LOGICAL_DNS', 'STATIC']);
  oneOf('discovery.dnsLookupFamily', dnsLookupFamily, ['V4_ONLY', 'V6_ONLY', 'V4_PREFERRED', 'AUTO', 'ALL']);
  if (type === 'LOGICAL_DNS' && servers.length > 1) {
    invalidOption(
      'discovery.type',
      `must be another for an upstream of ${servers.length} services, since Envoy takes one name with it`,
      type,
      'leave it out',
    );
  }
  if (milliseconds('discovery.dnsRefreshRate', dnsRefreshRate) <= 1) {
    invalidOption(
      'discovery.dnsRefreshRate',
      'must be longer than a millisecond, which Envoy demands',
      dnsRefreshRate,
      "write for example '1s'",
    );
  }
  const interval = seconds('discovery.dnsRefreshRate', dnsRefreshRate);
  if (type === 'STATIC') {
    return { cluster: { type } };
  }
  return {
    cluster: {
      cluster_type: byName({
        dns_lookup_family: dnsLookupFamily,
        dns_refresh_rate: interval,
        // A name that is not there yet is asked for again as often: the API may start after Envoy.
        dns_failure_refresh_rate: { base_interval: interval, max_interval: interval },
        ...(type === 'LOGICAL_DNS' && { all_addresses_in_single_endpoint: true }),
      }),
    },
  };
}

export const discovery = { onByDefault: true as const, upstream };
