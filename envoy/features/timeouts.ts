import type { ProxyFragment, RouteFragment } from '../fragments/fragment';
import { ROUTE_TIMEOUT } from '../messages/builders';
import { type Duration, positiveSeconds, seconds } from '../options/units';
import { refuseUnknown } from '../options/validate';
import type { ScopeContext } from './feature';

/** How long things may take. `'0s'` turns a limit off, where nothing else is said. */
export interface TimeoutOptions {
  /**
   * From the end of the request to the end of the response, retries included; then 504. Streams need `'0s'`. With a fallback,
   * Envoy sends a slow request again after a quarter of this time: see `retries.perTryTimeout`.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/faq/configuration/timeouts
   * @default '15s', Envoy's own
   */
  readonly request?: Duration;
  /**
   * For the headers of a request to arrive; then the connection is closed. Envoy has no limit of its own here, which
   * lets slow clients hold connections open for ever.
   *
   * @default '10s'
   */
  readonly requestHeaders?: Duration;
  /**
   * For the whole request to arrive; then 408. Uploads over slow lines may need more, streams `'0s'`.
   *
   * @default '300s', of Envoy's edge recommendations
   */
  readonly requestBody?: Duration;
  /**
   * Without a byte in either direction on one stream; then 408 or 504.
   *
   * @default '300s', of Envoy's edge recommendations
   */
  readonly streamIdle?: Duration;
  /**
   * For a client's TLS to be agreed on; then the connection is closed. Without TLS there is nothing to agree on. Envoy has
   * no limit of its own here.
   *
   * @default '10s', as for the headers
   */
  readonly handshake?: Duration;
  /**
   * Without a request on a client's connection; then it is closed.
   *
   * @default '3600s', of Envoy's edge recommendations
   */
  readonly idle?: Duration;
  /**
   * Age at which Envoy ends a client's connection, so that the client makes a new one, with a TLS handshake and the certificates
   * of that day. No request is lost: over HTTP/2 Envoy announces the end, over HTTP/1.1 it closes the connection after the next
   * response, and requests in flight finish. `'0s'` lets connections live for ever, also those of client certificates that have
   * expired since.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/protocol.proto#config-core-v3-httpprotocoloptions
   * @default '1h', as long as the shortest client certificates in common use are valid, those of SPIFFE; a handshake an hour
   * costs nothing. Envoy has no limit of its own
   */
  readonly maxConnectionDuration?: Duration;
  /**
   * For a connection to the API to be made; must be longer than zero. A container beside answers in a millisecond, so
   * a second is patient already, and a request soon gets its retry.
   *
   * @default '1s'
   */
  readonly connect?: Duration;
}

/** How long things may take on one route. */
export type RouteTimeoutOptions = Pick<TimeoutOptions, 'request' | 'streamIdle'>;

function proxy(options: TimeoutOptions): ProxyFragment {
  const {
    request = ROUTE_TIMEOUT,
    requestHeaders = '10s',
    requestBody = '300s',
    streamIdle = '300s',
    handshake = '10s',
    idle = '3600s',
    maxConnectionDuration = '1h',
    connect = '1s',
    ...unknown
  } = options;
  refuseUnknown('timeouts', unknown);
  const age = seconds('timeouts.maxConnectionDuration', maxConnectionDuration);
  // Envoy would end each connection at once.
  const connectionAge = age === '0s' ? {} : { max_connection_duration: age };
  return {
    connectionManager: {
      request_headers_timeout: seconds('timeouts.requestHeaders', requestHeaders),
      request_timeout: seconds('timeouts.requestBody', requestBody),
      stream_idle_timeout: seconds('timeouts.streamIdle', streamIdle),
      common_http_protocol_options: { idle_timeout: seconds('timeouts.idle', idle), ...connectionAge },
      // Otherwise Envoy closes idle connections of HTTP/1.1 while a request is on its way to it.
      http1_safe_max_connection_duration: true,
    },
    filterChain: { transport_socket_connect_timeout: seconds('timeouts.handshake', handshake) },
    route: { action: { timeout: seconds('timeouts.request', request) } },
    upstream: { cluster: { connect_timeout: positiveSeconds('timeouts.connect', connect) } },
  };
}

function route(
  { request, streamIdle, ...unknown }: RouteTimeoutOptions,
  { inherited: { request: requestOfAll = ROUTE_TIMEOUT } = {} }: ScopeContext<TimeoutOptions> = {},
): RouteFragment {
  refuseUnknown('timeouts', unknown);
  return {
    action: {
      timeout: seconds('timeouts.request', request ?? requestOfAll),
      ...(streamIdle !== undefined && { idle_timeout: seconds('timeouts.streamIdle', streamIdle) }),
    },
  };
}

export const timeouts = { onByDefault: true as const, proxy, route };
