import { type ClientIpOptions, clientIp } from '../../../envoy/features/client-ip';

const direct = { connectionManager: { use_remote_address: true }, trustedPeers: [] };
const proxyProtocol = {
  ...direct,
  listener: {
    listener_filters: [
      {
        name: 'envoy.filters.listener.proxy_protocol',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol',
        },
      },
    ],
  },
};

test('is on by default', () => {
  expect(clientIp.onByDefault).toBe(true);
});

test.each<[ClientIpOptions, object]>([
  [{}, direct],
  ['direct', direct],
  [
    { numTrustedHops: 2 },
    { connectionManager: { use_remote_address: true, xff_num_trusted_hops: 2 }, trustedPeers: 'all' },
  ],
  ['proxyProtocol', proxyProtocol],
  [
    { proxyProtocolFrom: ['10.0.0.0/8', '::1/128'] },
    {
      ...proxyProtocol,
      filterChain: {
        filter_chain_match: {
          direct_source_prefix_ranges: [
            { address_prefix: '10.0.0.0', prefix_len: 8 },
            { address_prefix: '::1', prefix_len: 128 },
          ],
        },
      },
    },
  ],
])('%j', (options, fragment) => {
  expect(clientIp.proxy(options)).toEqual(fragment);
});

test('trustedCidrs spells out what Envoy does at an edge by itself', () => {
  expect(clientIp.proxy({ trustedCidrs: ['10.0.0.0/8'] })).toEqual({
    trustedPeers: [{ address_prefix: '10.0.0.0', prefix_len: 8 }],
    connectionManager: {
      use_remote_address: false,
      original_ip_detection_extensions: [
        {
          name: 'envoy.http.original_ip_detection.xff',
          typed_config: {
            '@type': 'type.googleapis.com/envoy.extensions.http.original_ip_detection.xff.v3.XffConfig',
            xff_trusted_cidrs: { cidrs: [{ address_prefix: '10.0.0.0', prefix_len: 8 }] },
            skip_xff_append: false,
          },
        },
      ],
      early_header_mutation_extensions: [
        {
          name: 'envoy.http.early_header_mutation.header_mutation',
          typed_config: {
            '@type':
              'type.googleapis.com/envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation',
            mutations: [{ remove_on_match: { key_matcher: { prefix: 'x-envoy-' } } }, { remove: 'x-request-id' }],
          },
        },
      ],
    },
    route: {
      route: {
        request_headers_to_add: [
          {
            header: { key: 'x-envoy-external-address', value: '%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%' },
            append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
          },
        ],
      },
    },
  });
});

const network = 'must be an IP address and the length of its prefix';
const example = "write for example '10.0.0.0/8', and '10.0.0.5/32' for one address";

test.each([
  ['remote', `clientIp must be one of 'direct', 'proxyProtocol', got "remote"; choose one of these`],
  [{ hops: 1 }, 'clientIp.hops is not an option, got 1; remove it'],
  [
    { numTrustedHops: 1, trustedCidrs: ['10.0.0.0/8'] },
    'clientIp must be one way of telling the address, got {"numTrustedHops":1,"trustedCidrs":["10.0.0.0/8"]}; choose one of these',
  ],
  [
    { numTrustedHops: 0 },
    'clientIp.numTrustedHops must be a whole number from 1 to 100, got 0; write it as a literal number in that range',
  ],
  [{ trustedCidrs: [] }, "clientIp.trustedCidrs must name a network, got []; write for example ['10.0.0.0/8']"],
  [{ trustedCidrs: ['10.0.0.5'] }, `clientIp.trustedCidrs[0] ${network}, got "10.0.0.5"; ${example}`],
  [{ trustedCidrs: ['::1/64', '10.0.0.0/33'] }, `clientIp.trustedCidrs[1] ${network}, got "10.0.0.0/33"; ${example}`],
  [{ trustedCidrs: ['fd00::/129'] }, `clientIp.trustedCidrs[0] ${network}, got "fd00::/129"; ${example}`],
  [{ trustedCidrs: ['lb.example/8'] }, `clientIp.trustedCidrs[0] ${network}, got "lb.example/8"; ${example}`],
  [{ trustedCidrs: ['fe80::1%eth0/64'] }, `clientIp.trustedCidrs[0] ${network}, got "fe80::1%eth0/64"; ${example}`],
  [
    { trustedCidrs: ['0.0.0.0/0'] },
    'clientIp.trustedCidrs[0] must not be everybody, who could claim any address, got "0.0.0.0/0"; name the proxies',
  ],
  [
    { proxyProtocolFrom: ['::/0'] },
    'clientIp.proxyProtocolFrom[0] must not be everybody, who could claim any address, got "::/0"; name the proxies',
  ],
])('refuses %j', (options, message) => {
  expect(() => clientIp.proxy(options as never)).toThrow(new Error(message));
});
