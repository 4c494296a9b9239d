const HTTP = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';
const TCP = 'envoy.extensions.upstreams.tcp.v3.TcpProtocolOptions';
const REVERSE_TUNNEL = 'envoy.extensions.upstreams.http.reverse_tunnel.v3.ReverseTunnelUpstreamCodecOptions';
const REDIS = 'envoy.extensions.filters.network.redis_proxy.v3.RedisProtocolOptions';
const THRIFT = 'envoy.extensions.filters.network.thrift_proxy.v3.ThriftProtocolOptions';

/** The keys of `typed_extension_protocol_options`, with the type that stands under each. Some have an older name too. */
export const PROTOCOL_OPTIONS: Readonly<Record<string, string>> = {
  [HTTP]: HTTP,
  'envoy.upstreams.http.http_protocol_options': HTTP,
  [TCP]: TCP,
  'envoy.upstreams.tcp.tcp_protocol_options': TCP,
  [REVERSE_TUNNEL]: REVERSE_TUNNEL,
  'envoy.filters.network.redis_proxy': REDIS,
  'envoy.redis_proxy': REDIS,
  'envoy.filters.network.thrift_proxy': THRIFT,
  'envoy.thrift_proxy': THRIFT,
};
