import { byName, found, isAddress } from '../../../../envoy/features/shared/cluster-discovery';

test.each(['10.0.0.5', '::1', 'fe80::1', '::ffff:10.0.0.5', '999.0.0.1'])('%s is an address', (host) => {
  expect(isAddress(host)).toBe(true);
});

test.each(['api', 'api.example', '10.0.0', 'a:1', 'beef', '10.0.0.5.example', '${TfToken[1]}', '::1 '])(
  '%s is none',
  (host) => {
    expect(isAddress(host)).toBe(false);
  },
);

const lookUp = { dns_refresh_rate: '1s', dns_lookup_family: 'V6_ONLY' } as const;

test('a name is looked up, for IPv4 if nothing else is said', () => {
  const type = 'type.googleapis.com/envoy.extensions.clusters.dns.v3.DnsCluster';
  expect(byName({})).toEqual({
    name: 'envoy.cluster.dns',
    typed_config: { '@type': type, dns_lookup_family: 'V4_PREFERRED' },
  });
  expect(found('api', lookUp)).toEqual({
    cluster_type: { name: 'envoy.cluster.dns', typed_config: { '@type': type, ...lookUp } },
  });
  expect(found('::1', lookUp)).toEqual({ type: 'STATIC' });
});
