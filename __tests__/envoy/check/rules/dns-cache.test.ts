import { dnsCache } from '../../../../envoy/check/rules/dns-cache';
import { runRule } from './run-rule';

test('one cache has one configuration, in whatever order it is written', () => {
  const caches = [
    { name: 'a', dns_lookup_family: 'V4_ONLY', max_hosts: 5 },
    { name: 'a', max_hosts: 5, dns_lookup_family: 'V4_ONLY' },
    { name: 'b' },
    { name: 'a' },
  ];
  expect(runRule(dnsCache, { 'envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig': caches })).toEqual([
    "error dns-cache at DnsCacheConfig[3]: is 'a', which is set up differently before; make them alike, or rename it",
  ]);
});
