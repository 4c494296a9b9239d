import { quicCodec } from '../../../../envoy/check/rules/quic';
import { runRule } from './run-rule';

const NAME = 'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const listener = (codec_type: string | undefined, quic: boolean, prefix = 'type.googleapis.com') => ({
  ...(quic && { udp_listener_config: { quic_options: {} } }),
  filter_chains: [{ filters: [{ typed_config: { '@type': `${prefix}/${NAME}`, ...(codec_type && { codec_type }) } }] }],
});
const place = 'filter_chains[0].filters[0].typed_config';

test('HTTP/3 is spoken over QUIC, and nothing else is', () => {
  const listeners = [
    listener('HTTP3', true),
    listener('AUTO', false),
    listener(undefined, false, 'x'),
    listener('AUTO', true),
    listener('HTTP3', false),
    listener('HTTP3', true, 'x'),
  ];
  expect(runRule(quicCodec, { 'envoy.config.listener.v3.Listener': listeners })).toEqual([
    `error quic-codec at Listener[3].${place}.codec_type: must be HTTP3 on a listener with quic_options`,
    `error quic-codec at Listener[4].${place}.codec_type: is HTTP3, which needs udp_listener_config.quic_options; write AUTO`,
    `error quic-codec at Listener[5].${place}["@type"]: must be 'type.googleapis.com/${NAME}' on a listener with quic_options`,
  ]);
});
