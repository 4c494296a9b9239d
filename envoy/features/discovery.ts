import type { UpstreamFragment } from '../fragments/fragment';
import { type Duration, milliseconds, seconds } from '../options/units';
import { invalidOption, oneOf, refuseUnknown } from '../options/validate';
import type { UpstreamContext } from './feature';
import { byName } from './shared/cluster-discovery';

/** How Envoy finds the addresses behind the API's host name. */
export interface DiscoveryOptions {
  /**
   * `STRICT_DNS` uses every address of the name, so all replicas; `LOGICAL_DNS` the first one, for an only name with
   * very many; `STATIC` takes the host as an IP address and asks nobody.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/service_discovery
   * @default 'STRICT_DNS'
   */
  readonly type?: 'STRICT_DNS' | 'LOGICAL_DNS' | 'STATIC';
  /**
   * Which addresses are taken. IPv4 if there is one, by default: Envoy's own `AUTO` asks for IPv6 first, which container
   * networks rarely route.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/cluster/v3/cluster.proto#envoy-v3-api-enum-config-cluster-v3-cluster-dnslookupfamily
   * @default 'V4_PREFERRED'
   */
  readonly dnsLookupFamily?: 'V4_ONLY' | 'V6_ONLY' | 'V4_PREFERRED' | 'AUTO' | 'ALL';
  /**
   * How often the name is looked up. A new replica takes requests after this time; one that is gone from the name is
   * forgotten when it fails its health check, too.
   * A container engine has its name server on the same host, so a look-up is cheap.
   *
   * @default '1s'
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
