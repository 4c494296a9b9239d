import { listenerFilters, listeners } from '../../../../envoy/check/rules/listeners';
import { runRule } from './run-rule';

test('a listener has an address and filter chains', () => {
  expect(
    runRule(listeners, {
      'envoy.config.listener.v3.Listener': [
        {
          filter_chains: [{}],
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
              address: '0.0.0.0',
              port_value: 80,
            },
          },
          filter_chains: [],
        },
        {
          address: {
            socket_address: {
              address: '0.0.0.0',
              port_value: 80,
            },
          },
          filter_chains: [{}],
        },
        {
          address: {
            socket_address: {
              address: '0.0.0.0',
              port_value: 80,
            },
          },
          default_filter_chain: {},
        },
      ],
    }),
  ).toEqual([
    'error listener-address at Listener[0]: listens nowhere; set address.socket_address with an address and a port',
    'error listener-filter-chains at Listener[1]: has nothing to do; add one to filter_chains',
    'error listener-filter-chains at Listener[2]: has nothing to do; add one to filter_chains',
  ]);
});

test('UDP has no filter chains, but for QUIC', () => {
  expect(
    runRule(listeners, {
      'envoy.config.listener.v3.Listener': [
        {
          address: {
            socket_address: {
              address: '0.0.0.0',
              port_value: 80,
              protocol: 'UDP',
            },
          },
        },
        {
          address: {
            socket_address: {
              address: '0.0.0.0',
              port_value: 80,
              protocol: 'UDP',
            },
          },
          filter_chains: [{}],
        },
        {
          address: {
            socket_address: {
              address: '0.0.0.0',
              port_value: 80,
              protocol: 'UDP',
            },
          },
          udp_listener_config: {
            quic_options: {},
          },
        },
      ],
    }),
  ).toEqual([
    'error listener-filter-chains at Listener[1].filter_chains: has filter chains, which UDP knows none of; remove them and use listener_filters',
    'error listener-filter-chains at Listener[2]: has nothing to do; add one to filter_chains',
  ]);
});

test('an internal listener needs no address, an API listener is none of the release', () => {
  expect(
    runRule(listeners, {
      'envoy.config.listener.v3.Listener': [
        {
          internal_listener: {},
        },
        {
          api_listener: {},
        },
      ],
    }),
  ).toEqual([
    "error listener-address at Listener[1].api_listener: is for programs with Envoy inside, and not in Envoy's releases; remove it",
  ]);
});

test('PROXY protocol is spoken over TCP', () => {
  const type = 'type.googleapis.com/envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol';
  const listener_filters = [{ typed_config: { '@type': type } }];
  const listeners = [{ listener_filters }, { listener_filters, udp_listener_config: { quic_options: {} } }];
  expect(runRule(listenerFilters, { 'envoy.config.listener.v3.Listener': listeners })).toEqual([
    'error listener-filter at Listener[1].listener_filters[0]: is for TCP, and the listener is of QUIC; remove it',
  ]);
});
