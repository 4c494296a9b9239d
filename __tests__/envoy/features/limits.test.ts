import { type LimitOptions, limits } from '../../../envoy/features/limits';

const HEAP = 'envoy.resource_monitors.fixed_heap';

function monitor(connections: number) {
  return {
    name: 'envoy.resource_monitors.global_downstream_max_connections',
    typed_config: {
      '@type':
        'type.googleapis.com/envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig',
      max_active_downstream_connections: connections,
    },
  };
}

const endsIdle = {
  name: 'envoy.overload_actions.reduce_timeouts',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.config.overload.v3.ScaleTimersOverloadActionConfig',
    timer_scale_factors: [
      { timer: 'HTTP_DOWNSTREAM_CONNECTION_IDLE', min_timeout: '1s' },
      { timer: 'HTTP_DOWNSTREAM_STREAM_IDLE', min_timeout: '5s' },
    ],
  },
  triggers: [
    { name: monitor(1).name, scaled: { scaling_threshold: 0.9, saturation_threshold: 0.98 } },
    { name: HEAP, scaled: { scaling_threshold: 0.75, saturation_threshold: 0.85 } },
  ],
};

function limited({ buffer = 32_768, streams = 100, connections = 8192, headers = 60, count = 100 }) {
  return {
    listener: { per_connection_buffer_limit_bytes: buffer },
    upstream: { cluster: { per_connection_buffer_limit_bytes: buffer } },
    connectionManager: {
      max_request_headers_kb: headers,
      common_http_protocol_options: { max_headers_count: count },
      http2_protocol_options: {
        max_concurrent_streams: streams,
        initial_stream_window_size: 65_536,
        initial_connection_window_size: 1_048_576,
      },
    },
    bootstrap: { overload_manager: { refresh_interval: '0.01s', resource_monitors: [monitor(connections)] } },
  };
}

test('is on by default', () => {
  expect(limits.onByDefault).toBe(true);
});

test("by default has the values of Envoy's edge recommendations, and no bound for the heap", () => {
  expect(limits.proxy({})).toEqual(limited({}));
});

test('maxConnections', () => {
  expect(limits.proxy({ maxConnections: 1000 })).toEqual(limited({ connections: 1000 }));
});

test('maxConcurrentStreams', () => {
  expect(limits.proxy({ maxConcurrentStreams: 7 })).toEqual(limited({ streams: 7 }));
});

test('maxRequestHeadersSize', () => {
  expect(limits.proxy({ maxRequestHeadersSize: '8MiB', maxRequestHeaders: 20 })).toEqual(
    limited({ headers: 8_192, count: 20 }),
  );
});

test('connectionBufferLimit is that of clients and of the upstream', () => {
  expect(limits.proxy({ connectionBufferLimit: '1MiB' })).toEqual(limited({ buffer: 1_048_576 }));
});

test('maxHeapSize: what is idle ends from 75 % on, requests are refused at 85 %, connections at 90 %, their data at 95 %', () => {
  const heapAt = (kind: string, share: number) => ({
    name: `envoy.${kind}`,
    triggers: [{ name: HEAP, threshold: { value: share } }],
  });
  expect(limits.proxy({ maxHeapSize: '1.5GiB' })).toEqual({
    ...limited({}),
    bootstrap: {
      overload_manager: {
        refresh_interval: '0.01s',
        resource_monitors: [
          monitor(8192),
          {
            name: HEAP,
            typed_config: {
              '@type': 'type.googleapis.com/envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig',
              max_heap_size_bytes: 1_610_612_736,
            },
          },
        ],
        actions: [
          endsIdle,
          heapAt('overload_actions.shrink_heap', 0.85),
          heapAt('overload_actions.stop_accepting_requests', 0.85),
        ],
        loadshed_points: [
          heapAt('load_shed_points.tcp_listener_accept', 0.9),
          heapAt('load_shed_points.http1_server_abort_dispatch', 0.95),
          heapAt('load_shed_points.http2_server_go_away_and_close_on_dispatch', 0.95),
        ],
      },
    },
  });
});

const whole = 'must be a whole number from 1 to 2147483647';
const literal = 'write it as a literal number in that range';
const kib = 'must be whole KiB, and 8 MiB at the most';
const unit = 'must be a number above zero with a unit (KiB, MiB or GiB)';
test.each<[LimitOptions, string]>([
  [{ maxConnections: 0 }, `limits.maxConnections ${whole}, got 0; ${literal}`],
  [{ maxConnections: 2 ** 31 }, `limits.maxConnections ${whole}, got 2147483648; ${literal}`],
  [{ maxConcurrentStreams: 0 }, `limits.maxConcurrentStreams ${whole}, got 0; ${literal}`],
  [{ maxRequestHeaders: 0 }, `limits.maxRequestHeaders ${whole}, got 0; ${literal}`],
  [{ maxRequestHeadersSize: '0.5KiB' }, `limits.maxRequestHeadersSize ${kib}, got "0.5KiB"; write for example '60KiB'`],
  [{ maxRequestHeadersSize: '9MiB' }, `limits.maxRequestHeadersSize ${kib}, got "9MiB"; write for example '60KiB'`],
  [{ connectionBufferLimit: '0KiB' }, `limits.connectionBufferLimit ${unit}, got "0KiB"; write for example '256MiB'`],
  [
    { connectionBufferLimit: '32KB' as never },
    `limits.connectionBufferLimit ${unit}, got "32KB"; write for example '256MiB'`,
  ],
  [{ maxHeapSize: '256' as never }, `limits.maxHeapSize ${unit}, got "256"; write for example '256MiB'`],
  [{ memory: '1GiB' } as never, 'limits.memory is not an option, got "1GiB"; remove it'],
])('refuses %j', (options, message) => {
  expect(() => limits.proxy(options)).toThrow(new Error(message));
});

test('refuses a connectionBufferLimit that does not fit into the 32 bits that Envoy has for it', () => {
  expect(() => limits.proxy({ connectionBufferLimit: '4GiB' })).toThrow('limits.connectionBufferLimit');
});
