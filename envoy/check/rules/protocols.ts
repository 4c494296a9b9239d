import { child, descendant, error, has, items, typeName } from '../message-reader';
import type { Rule } from '../rule';

const MANAGER = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';

/** HTTP/3 is spoken over QUIC, and nothing else is. */
export const quicCodec: Rule = (messages) =>
  messages('envoy.config.listener.v3.Listener').flatMap((listener) => {
    const quic = has(child(listener, 'udp_listener_config'), 'quic_options');
    const chains = [...items(listener, 'filter_chains'), child(listener, 'default_filter_chain')];
    return chains
      .flatMap((chain) => items(chain, 'filters'))
      .map((filter) => child(filter, 'typed_config'))
      .filter((config) => typeName(config) === MANAGER)
      .flatMap((manager) => {
        const type = child(manager, '@type');
        // Here alone Envoy compares the whole text, and not the name in it.
        if (quic && type.value !== `type.googleapis.com/${MANAGER}`) {
          return [
            error('quic-codec', type, `must be 'type.googleapis.com/${MANAGER}' on a listener with quic_options`),
          ];
        }
        const codec = child(manager, 'codec_type');
        const http3 = codec.value === 'HTTP3';
        if (http3 === quic || typeof codec.value === 'object') {
          return [];
        }
        return quic
          ? [error('quic-codec', codec, 'must be HTTP3 on a listener with quic_options')]
          : [error('quic-codec', codec, 'is HTTP3, which needs udp_listener_config.quic_options; write AUTO')];
      });
  });

/** What ends a CONNECT is for CONNECT. */
export const connectConfig: Rule = (messages) =>
  messages('envoy.config.route.v3.RouteAction.UpgradeConfig').flatMap((upgrade) => {
    const type = child(upgrade, 'upgrade_type').value;
    return has(upgrade, 'connect_config') && typeof type === 'string' && !/^connect(-udp)?$/i.test(type)
      ? [error('connect-config', child(upgrade, 'connect_config'), `is for CONNECT, and this is '${type}'; remove it`)]
      : [];
  });

/** QUIC is TLS. */
export const quicSocket: Rule = (messages) =>
  messages('envoy.config.listener.v3.Listener').flatMap((listener) =>
    has(child(listener, 'udp_listener_config'), 'quic_options')
      ? items(listener, 'filter_chains')
          .filter((chain) => !has(chain, 'transport_socket'))
          .map((chain) => error('quic-socket', chain, 'needs transport_socket, with a QuicDownstreamTransport'))
      : [],
  );

const PROXY_PROTOCOL = 'envoy.extensions.filters.listener.proxy_protocol.v3.ProxyProtocol';

/** What filters packets doesn't filter connections. */
export const listenerFilters: Rule = (messages) =>
  messages('envoy.config.listener.v3.Listener').flatMap((listener) => {
    const isUdp = descendant(listener, 'address', 'socket_address', 'protocol').value === 'UDP';
    const quic = has(child(listener, 'udp_listener_config'), 'quic_options');
    return quic
      ? items(listener, 'listener_filters')
          .filter((filter) => typeName(child(filter, 'typed_config')) === PROXY_PROTOCOL)
          .map((filter) => error('listener-filter', filter, 'is for TCP, and the listener is of QUIC; remove it'))
      : items(listener, 'listener_filters').flatMap((filter) => {
          const type = typeName(child(filter, 'typed_config')) ?? '';
          const fitsUdp = type.startsWith('envoy.extensions.filters.udp.');
          const fitsTcp = type.startsWith('envoy.extensions.filters.listener.');
          return (isUdp && fitsTcp) || (!isUdp && fitsUdp)
            ? [error('listener-filter', filter, `is for ${isUdp ? 'TCP' : 'UDP'}, and the listener is not; remove it`)]
            : [];
        });
  });
