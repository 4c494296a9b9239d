import type { ProxyFragment, RouteFragment } from '../fragments/fragment';
import { ROUTE_TIMEOUT } from '../messages/builders';
import { type Duration, positiveSeconds, seconds } from '../options/units';
import { refuseUnknown } from '../options/validate';
import type { ScopeContext } from './feature';

/**
 * Ends slow requests, slow clients and idle connections. `'0s'` turns a limit off, unless its description says otherwise.
 */
export interface TimeoutOptions {
  /**
   * Maximum time for a response, from the end of the request to the end of the response. It includes all retries. After
   * that, Envoy answers 504. Streams need `'0s'`. With a fallback, Envoy retries a slow request after a quarter of this
   * time: see `retries.perTryTimeout`.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/faq/configuration/timeouts
   * @default '15s' - Envoy's own default
   */
  readonly request?: Duration;
  /**
   * Maximum time for the headers of a request to arrive. After that, Envoy answers 408 and closes the connection. With
   * `'0s'`, slow clients can hold connections open without end.
   *
   * @default '10s' - Envoy's own default is no limit
   */
  readonly requestHeaders?: Duration;
  /**
   * Maximum time for the complete request to arrive. After that, Envoy answers 408. Uploads over slow connections may need
   * more, and streams need `'0s'`.
   *
   * @default '300s' - Envoy's recommendation for public services
   */
  readonly requestBody?: Duration;
  /**
   * Maximum pause of a request and its response, without a byte in either direction. After that, Envoy answers 408 if the
   * client is silent, and 504 if the API is.
   *
   * @default '300s' - Envoy's recommendation for public services
   */
  readonly streamIdle?: Duration;
  /**
   * Maximum time for the TLS handshake with a client. After that, Envoy closes the connection. Without `tls`, this option
   * has no effect.
   *
   * @default '10s' - the same as `requestHeaders`; Envoy's own default is no limit
   */
  readonly handshake?: Duration;
  /**
   * Maximum time that a client's connection stays open without a request. After that, Envoy closes the connection.
   *
   * @default '3600s' - Envoy's recommendation for public services
   */
  readonly idle?: Duration;
  /**
   * Maximum age of a client's connection. After that, the client opens a new connection, with a new TLS handshake and the
   * current certificates. No request is lost. Over HTTP/2, Envoy announces the end. Over HTTP/1.1, Envoy closes the
   * connection after the next response. With `'0s'`, connections may outlive expired client certificates.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/api-v3/config/core/v3/protocol.proto#config-core-v3-httpprotocoloptions
   * @default '1h' - the validity of SPIFFE certificates, the shortest in common use; Envoy's own default is no limit
   */
  readonly maxConnectionDuration?: Duration;
  /**
   * Maximum time to open a connection to the API. After that, Envoy retries the request. It must be longer than zero.
   *
   * @default '1s' - a container on the same host answers within a millisecond
   */
  readonly connect?: Duration;
}

/** Time limits of one route. */
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
