import type { ProxyFragment } from '../fragments/fragment';
import { type Bytes, bytes, integer } from '../options/units';
import { invalidOption, refuseUnknown } from '../options/validate';
import { overloadManager } from './shared/overload-manager';

/** How much of the sidecar its clients can take, together and each. */
export interface LimitOptions {
  /**
   * Client connections open at once; further ones are closed as they arrive. Each takes a second file descriptor for
   * its connection to the API, so it should stay below half of the container's limit for those. With a bound for the `maxHeapSize`,
   * what is idle ends sooner from 90 % on, so that new ones find a place: at 98 % connections without a request after 1 s
   * (and 5 s in which that is announced), and requests after 5 s in which nothing is sent either way. `EnvoySidecar`
   * sets it to one for each 128 KiB of the container's memory, but not above the default.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/operations/overload_manager/overload_manager
   * @default 8192
   */
  readonly maxConnections?: number;
  /**
   * Requests that one HTTP/2 connection may have open at once.
   *
   * @default 100, of Envoy's edge recommendations; Envoy's own is 1024
   */
  readonly maxConcurrentStreams?: number;
  /**
   * The size of a request's headers, its address included, in whole KiB up to 8 MiB; larger ones get 431.
   *
   * @default '60KiB', Envoy's own
   */
  readonly maxRequestHeadersSize?: Bytes;
  /**
   * How many headers a request may have; with more it gets 431.
   *
   * @default 100, Envoy's own
   */
  readonly maxRequestHeaders?: number;
  /**
   * What Envoy holds for one connection before it stops reading from the faster side.
   *
   * @default '32KiB', of Envoy's edge recommendations; Envoy's own is 1 MiB
   */
  readonly connectionBufferLimit?: Bytes;
  /**
   * Memory that Envoy's heap may take. It defends itself before: from 75 % on what is idle ends sooner, as with few
   * `maxConnections` left; from 85 % on requests get 503, from 90 % on connections are closed as they arrive, and from 95 % on
   * also those on which more is sent, some with 500. What is read in one go can exceed it,
   * by `connectionBufferLimit` for each connection, so the container needs more. `EnvoySidecar` sets it to 60 % of its memory.
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
