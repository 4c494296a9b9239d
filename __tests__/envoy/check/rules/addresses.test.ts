import { cidrRange, dnsName, ipAddress, pipePath } from '../../../../envoy/check/rules/addresses';
import { assignmentOf, runRule } from './run-rule';

test('listeners, the admin interface and sources are at IP addresses', () => {
  expect(
    runRule(ipAddress, {
      'envoy.config.listener.v3.Listener': [
        {
          address: {
            socket_address: {
              address: 'localhost',
              port_value: 80,
            },
          },
        },
        {
          address: {
            socket_address: {
              address: '0.0.0.0',
              port_value: 80,
            },
          },
        },
        {
          address: {
            socket_address: {
              address: '::',
              port_value: 80,
            },
          },
        },
        {
          address: {
            socket_address: {
              address: '0.0.0.0',
              named_port: 'http',
            },
          },
        },
        {
          address: {
            socket_address: {
              address: 'x',
              port_value: 80,
              resolver_name: 'mine',
            },
          },
        },
        {
          address: {
            pipe: {
              path: '/tmp/x',
            },
          },
        },
      ],
      'envoy.config.bootstrap.v3.Admin': [
        {
          address: {
            socket_address: {
              address: 'localhost',
              port_value: 80,
            },
          },
        },
      ],
      'envoy.config.core.v3.BindConfig': [
        {
          source_address: {
            address: 'x',
          },
        },
      ],
    }),
  ).toEqual([
    "error ip-address at Listener[0].address.socket_address.address: is 'localhost', which is no IP address; write it as a number, for example '0.0.0.0' or '127.0.0.1'",
    'error ip-address at Listener[3].address.socket_address.named_port: is a port by name, which needs DNS; write it as port_value',
    "error ip-address at Admin[0].address.socket_address.address: is 'localhost', which is no IP address; write it as a number, for example '0.0.0.0' or '127.0.0.1'",
    "error ip-address at BindConfig[0].source_address.address: is 'x', which is no IP address; write it as a number, for example '0.0.0.0' or '127.0.0.1'",
  ]);
});

test('a static cluster has IP addresses, one that asks DNS has names', () => {
  expect(
    runRule(ipAddress, {
      'envoy.config.cluster.v3.Cluster': [
        {
          load_assignment: assignmentOf('api'),
        },
        {
          type: 'STRICT_DNS',
          load_assignment: assignmentOf('api'),
        },
        {
          cluster_type: {
            name: 'envoy.cluster.static',
          },
          load_assignment: assignmentOf('api'),
        },
        {
          type: 'STATIC',
          load_assignment: assignmentOf('127.0.0.1', '${TfToken[TOKEN.1]}'),
        },
      ],
    }),
  ).toEqual([
    "error ip-address at Cluster[0].load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address.address: is 'api', which is no IP address; write it as a number, or set the cluster's type to STRICT_DNS",
    "error ip-address at Cluster[2].load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address.address: is 'api', which is no IP address; write it as a number, or set the cluster's type to STRICT_DNS",
  ]);
});

test('names look like names', () => {
  expect(
    runRule(dnsName, {
      'envoy.config.cluster.v3.Cluster': [
        {
          type: 'STRICT_DNS',
          load_assignment: assignmentOf('http://api', 'api:80', 'a b', 'api.x', '_a.b', '::1'),
        },
        {
          cluster_type: {
            name: 'x',
            typed_config: {
              '@type': 'type.googleapis.com/envoy.extensions.clusters.dns.v3.DnsCluster',
            },
          },
          load_assignment: assignmentOf('[::1]'),
        },
      ],
    }),
  ).toEqual([
    "warning dns-name at Cluster[0].load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address.address: is 'http://api', which is no host name; write the name alone, with the port in port_value",
    "warning dns-name at Cluster[0].load_assignment.endpoints[0].lb_endpoints[1].endpoint.address.socket_address.address: is 'api:80', which is no host name; write the name alone, with the port in port_value",
    "warning dns-name at Cluster[0].load_assignment.endpoints[0].lb_endpoints[2].endpoint.address.socket_address.address: is 'a b', which is no host name; write the name alone, with the port in port_value",
    "warning dns-name at Cluster[1].load_assignment.endpoints[0].lb_endpoints[0].endpoint.address.socket_address.address: is '[::1]', which is no host name; write the name alone, with the port in port_value",
  ]);
});

test('ranges are of addresses and have no more bits', () => {
  expect(
    runRule(cidrRange, {
      'envoy.config.core.v3.CidrRange': [
        {
          address_prefix: '10.0.0.0',
          prefix_len: 8,
        },
        {
          address_prefix: '10.0.0.0/8',
        },
        {
          address_prefix: 'x',
        },
        {
          address_prefix: '10.0.0.0',
          prefix_len: 33,
        },
        {
          address_prefix: '::',
          prefix_len: 128,
        },
        {
          address_prefix: '${TfToken[TOKEN.1]}',
        },
      ],
    }),
  ).toEqual([
    "error cidr-range at CidrRange[1].address_prefix: is '10.0.0.0/8', which is no IP address; write the bits as prefix_len",
    "error cidr-range at CidrRange[2].address_prefix: is 'x', which is no IP address; write for example '10.0.0.0'",
    'warning cidr-range at CidrRange[3].prefix_len: is 33, and an IPv4 address has 32 bits; write 32 for one address',
  ]);
});

test('sockets in the file system fit into what the kernel takes', () => {
  const paths = ['a\0b', 'x'.repeat(108), '@a\0b', '@abc', 'x'.repeat(107)];
  expect(runRule(pipePath, { 'envoy.config.core.v3.Pipe': paths.map((path) => ({ path })) })).toEqual([
    'error pipe-path at Pipe[0].path: holds the character NUL, got "a\\u0000b"; remove it',
    'error pipe-path at Pipe[1].path: may have 107 bytes at the most, has 108',
  ]);
});
