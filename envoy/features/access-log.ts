import type { ProxyFragment } from '../fragments/fragment';
import { extension } from '../messages/builders';
import { refuseUnknown } from '../options/validate';

/** Logs each request as a line of JSON on standard output. */
export interface AccessLogOptions {
  /**
   * Logs the query string with the path. Query strings often contain tokens and personal data.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
   * @default false
   */
  readonly includeQuery?: boolean;
}

/** Without the user and password that a client may write before it. */
const HOST = "%CEL(re.extract(request.host, '(?:.*@)?(.*)', '\\\\1'))%";

function proxy({ includeQuery = false, ...unknown }: AccessLogOptions): ProxyFragment {
  refuseUnknown('accessLog', unknown);
  const json = {
    time: '%START_TIME%',
    request_id: '%REQ(X-REQUEST-ID)%',
    client: '%DOWNSTREAM_REMOTE_ADDRESS%',
    method: '%REQ(:METHOD)%',
    host: HOST,
    path: includeQuery ? '%PATH(WQ:ORIG_OR_PATH)%' : '%PATH(NQ:ORIG_OR_PATH)%',
    protocol: '%PROTOCOL%',
    status: '%RESPONSE_CODE%',
    flags: '%RESPONSE_FLAGS%',
    details: '%RESPONSE_CODE_DETAILS%',
    duration_ms: '%DURATION%',
    upstream: '%UPSTREAM_HOST%',
    upstream_attempts: '%UPSTREAM_REQUEST_ATTEMPT_COUNT%',
    upstream_failure: '%UPSTREAM_TRANSPORT_FAILURE_REASON%',
    bytes_received: '%BYTES_RECEIVED%',
    bytes_sent: '%BYTES_SENT%',
    user_agent: '%REQ(USER-AGENT)%',
  };
  const logger = extension('envoy.access_loggers.stdout', 'envoy.extensions.access_loggers.stream.v3.StdoutAccessLog', {
    log_format: { json_format: json },
  });
  return { connectionManager: { access_log: [logger] } };
}

export const accessLog = { onByDefault: true as const, proxy };
