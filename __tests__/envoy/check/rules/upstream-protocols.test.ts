import { protocolOptionsName } from '../../../../envoy/check/rules/upstream-protocols';
import { runRule } from './run-rule';

const KEY = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

test('how HTTP is spoken stands under the key by which Envoy finds it', () => {
  const under = (key: string) => ({
    typed_extension_protocol_options: { [key]: { '@type': `type.googleapis.com/${KEY}` } },
  });
  const others = {
    typed_extension_protocol_options: { http: { '@type': 'type.googleapis.com/google.protobuf.Struct' } },
  };
  expect(
    runRule(protocolOptionsName, {
      'envoy.config.cluster.v3.Cluster': [
        under('http'),
        under(KEY),
        under('envoy.upstreams.http.http_protocol_options'),
        others,
      ],
    }),
  ).toEqual([
    `error protocol-options-name at Cluster[0].typed_extension_protocol_options.http: is under a key that Envoy does not know; call it '${KEY}'`,
    expect.stringMatching(/^error protocol-options-name at Cluster\[3\].*; use one of 'envoy\.extensions/),
  ]);
});
