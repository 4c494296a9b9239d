import { matchedSocket, upstreamSocket } from '../../../../envoy/check/rules/transport-sockets';
import { runRule } from './run-rule';

const typed = (type: string, more: object = {}) => ({
  name: 'x',
  typed_config: { '@type': `type.googleapis.com/envoy.extensions.transport_sockets.${type}`, ...more },
});
const KEY = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
const speaking = (options: object, transport_socket?: object) => ({
  typed_extension_protocol_options: { [KEY]: { '@type': `type.googleapis.com/${KEY}`, ...options } },
  ...(transport_socket && { transport_socket }),
});
const AUTO = { auto_config: {} };
const HTTP3 = { explicit_http_config: { http3_protocol_options: {} } };
const RAW = typed('raw_buffer.v3.RawBuffer');
const TLS = typed('tls.v3.UpstreamTlsContext');
const QUIC = typed('quic.v3.QuicUpstreamTransport');
const around = (transport_socket: object) =>
  typed('proxy_protocol.v3.ProxyProtocolUpstreamTransport', { transport_socket });

test('agreeing on a version of HTTP takes TLS, and HTTP/3 takes QUIC', () => {
  const options = `typed_extension_protocol_options["${KEY}"]`;
  expect(
    runRule(upstreamSocket, {
      'envoy.config.cluster.v3.Cluster': [
        speaking(AUTO),
        speaking(AUTO, RAW),
        speaking(AUTO, around(RAW)),
        speaking(HTTP3),
        speaking(HTTP3, TLS),
        speaking(AUTO, TLS),
        speaking(AUTO, around(TLS)),
        speaking(AUTO, QUIC),
        speaking(HTTP3, QUIC),
        speaking({ explicit_http_config: { http2_protocol_options: {} } }),
        {},
      ],
    }),
  ).toEqual([
    ...[0, 1, 2].map(
      (place) =>
        `error upstream-socket at Cluster[${place}].${options}.auto_config: agrees on a version of HTTP by TLS; set transport_socket`,
    ),
    ...[3, 4].map(
      (place) =>
        `error upstream-socket at Cluster[${place}].${options}.explicit_http_config.http3_protocol_options: needs transport_socket, with a QuicUpstreamTransport`,
    ),
  ]);
});

test('the socket for some endpoints is named', () => {
  expect(
    runRule(matchedSocket, {
      'envoy.config.cluster.v3.Cluster.TransportSocketMatch': [{ name: 'a' }, { name: 'b', transport_socket: {} }],
    }),
  ).toEqual([
    'error matched-socket at TransportSocketMatch[0]: names no socket; set transport_socket, for example that of raw_buffer',
  ]);
});
