import { tlsAlpn } from '../../../../envoy/check/rules/tls-alpn';
import { runRule } from './run-rule';

test('names of protocols fit into what TLS sends', () => {
  const common = (...alpn_protocols: string[]) => ({ alpn_protocols });
  const long = 'must be names of 255 bytes at the most, and of less than 65535 together; shorten them';
  const empty = 'has an empty name, which makes Envoy crash; remove it';
  expect(
    runRule(tlsAlpn, {
      'envoy.extensions.transport_sockets.tls.v3.CommonTlsContext': [
        common('x'.repeat(256)),
        common('é'.repeat(128)),
        common(...Array.from({ length: 260 }, () => 'x'.repeat(255))),
        common('x'.repeat(255), 'h2'),
        common('', 'h2'),
        common(`${'x'.repeat(200)},${'y'.repeat(200)}`),
        {},
      ],
      'envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext': [
        { common_tls_context: common('h2', '') },
        { common_tls_context: common('h2,') },
        { common_tls_context: common('') },
        {},
      ],
    }),
  ).toEqual([
    ...[0, 1, 2].map((place) => `error tls-alpn at CommonTlsContext[${place}].alpn_protocols: ${long}`),
    ...[0, 1].map(
      (place) => `error tls-alpn at UpstreamTlsContext[${place}].common_tls_context.alpn_protocols: ${empty}`,
    ),
  ]);
});
