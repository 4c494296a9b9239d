import type { ProxyFragment } from '../fragments/fragment';
import { type Bytes, bytes, integer } from '../options/units';
import { invalidOption, refuseUnknown } from '../options/validate';
import { overloadManager } from './shared/overload-manager';

/** Bounds connections, streams, buffers and memory of the sidecar. */
export interface LimitOptions {
  /**
   * Maximum number of open client connections. Envoy closes further connections immediately. Each uses a second file
   * descriptor for its connection to the API. So keep the number below half of the container's limit for file descriptors.
   *
   * With `maxHeapSize`, Envoy ends idle connections and requests sooner when 90 % of the connections are open. At 98 %, it
   * closes connections after 1 s without a request, announced 5 s before. It then also ends requests after 5 s without data.
   * `EnvoySidecar` sets one connection for each 128 KiB of the container's memory, at most the default.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/operations/overload_manager/overload_manager
   * @default 8192
   */
  readonly maxConnections?: number;
  /**
   * Maximum number of concurrent requests on one HTTP/2 connection.
   *
   * @default 100 - Envoy's recommendation for public services; Envoy's own default is 1024
   */
  readonly maxConcurrentStreams?: number;
  /**
   * Maximum size of a request's headers and path, in whole KiB up to 8 MiB. Larger requests get 431.
   *
   * @default '60KiB' - Envoy's own default
   */
  readonly maxRequestHeadersSize?: Bytes;
  /**
   * Maximum number of headers of a request. Requests with more get 431.
   *
   * @default 100 - Envoy's own default
   */
  readonly maxRequestHeaders?: number;
  /**
   * Maximum data that Envoy buffers for a connection. After that, Envoy stops reading from the faster side.
   *
   * @default '32KiB' - Envoy's recommendation for public services; Envoy's own default is 1 MiB
   */
  readonly connectionBufferLimit?: Bytes;
  /**
   * Maximum memory of Envoy's heap. From 75 % on, Envoy ends idle connections and requests sooner. From 85 % on, requests
   * get 503. From 90 % on, Envoy closes new connections. From 95 % on, it also closes connections that send more data, some
   * with 500.
   *
   * Data that Envoy reads at once can exceed the limit, by `connectionBufferLimit` for each connection. So the container
   * needs more memory. `EnvoySidecar` sets 60 % of the container's memory.
   *
   * @default - no limit
   */
  readonly maxHeapSize?: Bytes;
}

function proxy({
  maxConnections = 8_192,
  maxConcurrentStreams = 100,
  maxRequestHeadersSize = '60KiB',
  maxRequestHeaders = 100,
  connectionBufferLimit = '32KiB',
  maxHeapSize,
  ...unknown
}: LimitOptions): ProxyFragment {
  refuseUnknown('limits', unknown);
  const buffer = { per_connection_buffer_limit_bytes: buffer32('limits.connectionBufferLimit', connectionBufferLimit) };
  return {
    listener: buffer,
    upstream: { cluster: buffer },
    connectionManager: {
      max_request_headers_kb: kibibytes('limits.maxRequestHeadersSize', maxRequestHeadersSize),
      common_http_protocol_options: {
        max_headers_count: integer('limits.maxRequestHeaders', maxRequestHeaders, 1, 2 ** 31 - 1),
      },
      http2_protocol_options: {
        max_concurrent_streams: integer('limits.maxConcurrentStreams', maxConcurrentStreams, 1, 2 ** 31 - 1),
        initial_stream_window_size: 65_536,
        initial_connection_window_size: 1_048_576,
      },
    },
    bootstrap: {
      overload_manager: overloadManager(
        integer('limits.maxConnections', maxConnections, 1, 2 ** 31 - 1),
        maxHeapSize === undefined ? undefined : bytes('limits.maxHeapSize', maxHeapSize),
      ),
    },
  };
}

/** Envoy counts the headers in whole ones, and takes no more. */
function kibibytes(path: string, value: Bytes): number {
  const count = bytes(path, value) / 1_024;
  return Number.isInteger(count) && count <= 8_192
    ? count
    : invalidOption(path, 'must be whole KiB, and 8 MiB at the most', value, "write for example '60KiB'");
}

/** Envoy keeps this size in 32 bits. */
function buffer32(path: string, value: Bytes): number {
  const size = bytes(path, value);
  return size < 2 ** 32 ? size : invalidOption(path, 'must be less than 4GiB', value, "write for example '32KiB'");
}

export const limits = { onByDefault: true as const, proxy };
