import { type DiscoveryOptions, discovery } from '../../../envoy/features/discovery';

function dns(config: object) {
  return {
    cluster: {
      cluster_type: {
        name: 'envoy.cluster.dns',
        typed_config: { '@type': 'type.googleapis.com/envoy.extensions.clusters.dns.v3.DnsCluster', ...config },
      },
    },
  };
}

const everySecond = {
  dns_refresh_rate: '1s',
  dns_failure_refresh_rate: { base_interval: '1s', max_interval: '1s' },
};

test('is on by default', () => {
  expect(discovery.onByDefault).toBe(true);
});

test('by default takes every address of the name, IPv4 if there is one, asked for each second', () => {
  expect(discovery.upstream({})).toEqual(dns({ dns_lookup_family: 'V4_PREFERRED', ...everySecond }));
});

test('LOGICAL_DNS takes all addresses as one endpoint', () => {
  expect(discovery.upstream({ type: 'LOGICAL_DNS' })).toEqual(
    dns({ dns_lookup_family: 'V4_PREFERRED', ...everySecond, all_addresses_in_single_endpoint: true }),
  );
});

test('STATIC asks no name server', () => {
  expect(discovery.upstream({ type: 'STATIC' })).toEqual({ cluster: { type: 'STATIC' } });
});

test.each(['V4_ONLY', 'V6_ONLY', 'V4_PREFERRED', 'AUTO', 'ALL'] as const)(
  'dnsLookupFamily %s is passed on',
  (dnsLookupFamily) => {
    expect(discovery.upstream({ dnsLookupFamily })).toEqual(
      dns({ dns_lookup_family: dnsLookupFamily, ...everySecond }),
    );
  },
);

test('dnsRefreshRate sets how often the name is looked up, a missing one too', () => {
  expect(discovery.upstream({ dnsRefreshRate: '500ms' })).toEqual(
    dns({
      dns_lookup_family: 'V4_PREFERRED',
      dns_refresh_rate: '0.5s',
      dns_failure_refresh_rate: { base_interval: '0.5s', max_interval: '0.5s' },
    }),
  );
});

test.each<[DiscoveryOptions, string]>([
  [
    { type: 'EDS' as never },
    `discovery.type must be one of 'STRICT_DNS', 'LOGICAL_DNS', 'STATIC', got "EDS"; choose one of these`,
  ],
  [
    { dnsLookupFamily: 'V5' as never },
    `discovery.dnsLookupFamily must be one of 'V4_ONLY', 'V6_ONLY', 'V4_PREFERRED', 'AUTO', 'ALL', got "V5"; choose one of these`,
  ],
  [
    { dnsRefreshRate: '1ms' },
    `discovery.dnsRefreshRate must be longer than a millisecond, which Envoy demands, got "1ms"; write for example '1s'`,
  ],
  [
    { dnsRefreshRate: '0s' },
    `discovery.dnsRefreshRate must be longer than a millisecond, which Envoy demands, got "0s"; write for example '1s'`,
  ],
  [
    { dnsRefreshRate: '5' as never },
    `discovery.dnsRefreshRate must be a number with a unit (ms, s, m or h), got "5"; write for example '250ms' or '15s'`,
  ],
  [{ refreshRate: '5s' } as never, `discovery.refreshRate is not an option, got "5s"; remove it`],
])('refuses %j', (options, message) => {
  expect(() => discovery.upstream(options)).toThrow(new Error(message));
});
