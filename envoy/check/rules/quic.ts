import { error, getField, getItems, getMessageType, hasField } from '../message-reader';
import type { Rule } from '../rule';
import { HTTP_CONNECTION_MANAGER } from './message-types';

/** HTTP/3 is spoken over QUIC, and nothing else is. */
export const quicCodec: Rule = (messages) =>
  messages('envoy.config.listener.v3.Listener').flatMap((listener) => {
    const quic = hasField(getField(listener, 'udp_listener_config'), 'quic_options');
    const chains = [...getItems(listener, 'filter_chains'), getField(listener, 'default_filter_chain')];
    return chains
      .flatMap((chain) => getItems(chain, 'filters'))
      .map((filter) => getField(filter, 'typed_config'))
      .filter((config) => getMessageType(config) === HTTP_CONNECTION_MANAGER)
      .flatMap((manager) => {
        const type = getField(manager, '@type');
        // Here alone Envoy compares the whole text, and not the name in it.
        if (quic && type.value !== `type.googleapis.com/${HTTP_CONNECTION_MANAGER}`) {
          return [
            error(
              'quic-codec',
              type,
              `must be 'type.googleapis.com/${HTTP_CONNECTION_MANAGER}' on a listener with quic_options`,
            ),
          ];
        }
        const codec = getField(manager, 'codec_type');
        const http3 = codec.value === 'HTTP3';
        if (http3 === quic || typeof codec.value === 'object') {
          return [];
        }
        return quic
          ? [error('quic-codec', codec, 'must be HTTP3 on a listener with quic_options')]
          : [error('quic-codec', codec, 'is HTTP3, which needs udp_listener_config.quic_options; write AUTO')];
      });
  });

/** QUIC is TLS. */
export const quicSocket: Rule = (messages) =>
  messages('envoy.config.listener.v3.Listener').flatMap((listener) =>
    hasField(getField(listener, 'udp_listener_config'), 'quic_options')
      ? getItems(listener, 'filter_chains')
          .filter((chain) => !hasField(chain, 'transport_socket'))
          .map((chain) => error('quic-socket', chain, 'needs transport_socket, with a QuicDownstreamTransport'))
      : [],
  );
