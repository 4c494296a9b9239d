import { extension } from '../api';
import type { ProxyFragment } from '../fragment';
import { type Bytes, bytes, fail, integer, refuseUnknown } from '../values';

/** How much of the sidecar its clients can take, together and each. */
export interface LimitOptions {
  /**
   * Client connections open at once; further ones are closed as they arrive. Each takes a second file descriptor for
   * its connection to the API, so it should stay below half of the container's limit for those.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/operations/overload_manager/overload_manager
   * @default 8192
   */
  readonly connections?: number;
  /**
   * Requests that one HTTP/2 connection may have open at once.
   *
   * @default 100, of Envoy's edge recommendations; Envoy's own is 1024
   */
  readonly concurrentStreams?: number;
  /**
   * The size of a request's headers, its address included, in whole KiB up to 8 MiB; larger ones get 431.
   *
   * @default '60KiB', Envoy's own
   */
  readonly headers?: Bytes;
  /**
   * How many headers a request may have; with more it gets 431.
   *
   * @default 100, Envoy's own
   */
  readonly headerCount?: number;
  /**
   * What Envoy holds for one connection before it stops reading from the faster side.
   *
   * @default '32KiB', of Envoy's edge recommendations; Envoy's own is 1 MiB
   */
  readonly connectionBuffer?: Bytes;
  /**
   * Memory that Envoy's heap may take. At 95 % of it Envoy gives memory back, at 98 % it answers 503, which beats
   * being killed with all requests. `EnvoySidecar` sets it to 90 % of the container's memory.
   *
   * @default - no limit
   */
  readonly heap?: Bytes;
}

function proxy({
  connections = 8_192,
  concurrentStreams = 100,
  headers = '60KiB',
  headerCount = 100,
  connectionBuffer = '32KiB',
  heap,
  ...unknown
}: LimitOptions): ProxyFragment {
  refuseUnknown('limits', unknown);
  const buffer = { per_connection_buffer_limit_bytes: buffer32('limits.connectionBuffer', connectionBuffer) };
  const open = extension(
    'envoy.resource_monitors.global_downstream_max_connections',
    'envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig',
    { max_active_downstream_connections: integer('limits.connections', connections, 1, 2 ** 31 - 1) },
  );
  return {
    listener: buffer,
    upstream: { cluster: buffer },
    connectionManager: {
      max_request_headers_kb: kibibytes('limits.headers', headers),
      common_http_protocol_options: { max_headers_count: integer('limits.headerCount', headerCount, 1, 2 ** 31 - 1) },
      http2_protocol_options: {
        max_concurrent_streams: integer('limits.concurrentStreams', concurrentStreams, 1, 2 ** 31 - 1),
        initial_stream_window_size: 65_536,
        initial_connection_window_size: 1_048_576,
      },
    },
    bootstrap: {
      overload_manager: {
        refresh_interval: '0.25s',
        resource_monitors: heap === undefined ? [open] : [open, fixedHeap(bytes('limits.heap', heap))],
        ...(heap !== undefined && { actions: [onHeap('shrink_heap', 0.95), onHeap('stop_accepting_requests', 0.98)] }),
      },
    },
  };
}

/** Envoy counts the headers in whole ones, and takes no more. */
function kibibytes(path: string, value: Bytes): number {
  const count = bytes(path, value) / 1_024;
  return Number.isInteger(count) && count <= 8_192
    ? count
    : fail(path, 'must be whole KiB, and 8 MiB at the most', value, "write for example '60KiB'");
}

/** Envoy keeps this size in 32 bits. */
function buffer32(path: string, value: Bytes): number {
  const size = bytes(path, value);
  return size < 2 ** 32 ? size : fail(path, 'must be less than 4GiB', value, "write for example '32KiB'");
}

const HEAP = 'envoy.resource_monitors.fixed_heap';

function fixedHeap(size: number) {
  return extension(HEAP, 'envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig', {
    max_heap_size_bytes: size,
  });
}

function onHeap(action: string, share: number) {
  return { name: `envoy.overload_actions.${action}`, triggers: [{ name: HEAP, threshold: { value: share } }] };
}

export const limits = { onByDefault: true as const, proxy };
