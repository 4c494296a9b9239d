import { error, getField, getItems, getMessageType, hasField } from '../message-reader';
import type { Rule } from '../rule';

/** A listener needs a place to listen and something to do with what comes in. */
export const listeners: Rule = (messages) =>
  messages('envoy.config.listener.v3.Listener').flatMap((listener) => {
    if (hasField(listener, 'api_listener')) {
      const node = getField(listener, 'api_listener');
      return [
        error('listener-address', node, "is for programs with Envoy inside, and not in Envoy's releases; remove it"),
      ];
    }
    if (hasField(listener, 'internal_listener')) {
      return [];
    }
    if (!hasField(listener, 'address')) {
      return [
        error('listener-address', listener, 'listens nowhere; set address.socket_address with an address and a port'),
      ];
    }
    const chains = getItems(listener, 'filter_chains');
    const written = getField(listener, 'filter_chains').value;
    const udp = getField(listener, 'address', 'socket_address', 'protocol').value === 'UDP';
    const quic = hasField(getField(listener, 'udp_listener_config'), 'quic_options');
    if (udp && !quic) {
      return chains.length > 0
        ? [
            error(
              'listener-filter-chains',
              getField(listener, 'filter_chains'),
              'has filter chains, which UDP knows none of; remove them and use listener_filters',
            ),
          ]
        : [];
    }
    return chains.length === 0 &&
      !hasField(listener, 'default_filter_chain') &&
      (written == null || Array.isArray(written))
      ? [error('listener-filter-chains', listener, 'has nothing to do; add one to filter_chains')]
      : [];
  });

const PROXY_PROTOCOL = 'envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol';

/** What filters packets doesn't filter connections. */
export const listenerFilters: Rule = (messages) =>
  messages('envoy.config.listener.v3.Listener').flatMap((listener) => {
    const isUdp = getField(listener, 'address', 'socket_address', 'protocol').value === 'UDP';
    const quic = hasField(getField(listener, 'udp_listener_config'), 'quic_options');
    return quic
      ? getItems(listener, 'listener_filters')
          .filter((filter) => getMessageType(getField(filter, 'typed_config')) === PROXY_PROTOCOL)
          .map((filter) => error('listener-filter', filter, 'is for TCP, and the listener is of QUIC; remove it'))
      : getItems(listener, 'listener_filters').flatMap((filter) => {
          const type = getMessageType(getField(filter, 'typed_config')) ?? '';
          const fitsUdp = type.startsWith('envoy.extensions.filters.udp.');
          const fitsTcp = type.startsWith('envoy.extensions.filters.listener.');
          return (isUdp && fitsTcp) || (!isUdp && fitsUdp)
            ? [error('listener-filter', filter, `is for ${isUdp ? 'TCP' : 'UDP'}, and the listener is not; remove it`)]
            : [];
        });
  });
