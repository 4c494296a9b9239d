import type { ProxyFragment } from '../fragments/fragment';
import { celResponseFilter, GRPC } from '../messages/builders';
import type { envoy } from '../messages/schema/types';
import { refuseUnknown } from '../options/validate';

type Format = envoy.config.core.v3.SubstitutionFormatString;
type ResponseMapper = envoy.extensions.filters.network.http_connection_manager.v3.ResponseMapper;

/** The phrases of RFC 9110 and RFC 6585, for what Envoy and its filters answer. */
const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  408: 'Request Timeout',
  413: 'Content Too Large',
  426: 'Upgrade Required',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

const TITLE = `%CEL({${Object.entries(TITLES)
  .map(([status, title]) => `${status}: '${title}'`)
  .join(', ')}}[response.code])%`;

/** What is unknown is null: the id of a request that Envoy could not read. */
const problem = (more: Readonly<Record<string, string>> = {}): Format => ({
  content_type: 'application/problem+json',
  json_format: {
    type: 'about:blank',
    title: TITLE,
    status: '%RESPONSE_CODE%',
    request_id: '%REQ(X-REQUEST-ID)%',
    ...more,
  },
});

/** Nothing stays nothing, and does not become a hyphen. */
const text = (inline_string: string): Format => ({ text_format_source: { inline_string }, omit_empty_values: true });

/** No refusals of Envoy's own: what somebody wrote here, in a script or in a service, and redirects. */
const OTHERS = "['direct_response', 'lua_response', 'ext_authz_denied']";

const MAPPERS: ResponseMapper[] = [
  {
    filter: celResponseFilter(`response.code < 400 || response.code_details in ${OTHERS}`),
    body_format_override: text('%LOCAL_REPLY_BODY%'),
  },
  {
    // What is a body for others is a header there, `grpc-message`.
    filter: { header_filter: { header: GRPC } },
    body_format_override: text(TITLE),
  },
  {
    // What is wrong with a token, which tells of nothing but the token. Other texts of Envoy's tell of addresses and keys.
    filter: celResponseFilter("response.code_details.startsWith('jwt_authn_access_denied')"),
    body_format_override: problem({ detail: '%LOCAL_REPLY_BODY%' }),
  },
];

/**
 * What a client gets where Envoy answers for the API, to refuse it or since the API can't be reached: `application/problem+json`
 * (RFC 9457) with the status, its title and the request's id, which stands in the access log, too, and reaches the API as
 * `x-request-id`. It tells nothing of what is behind. gRPC clients get the title as `grpc-message`. What the API itself
 * answers, and a `directResponse` of a route, stays as it is. `false` leaves Envoy's own texts.
 *
 * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_conn_man/local_reply
 */
export type LocalReplyOptions = Readonly<Record<string, never>>;

function proxy(options: LocalReplyOptions): ProxyFragment {
  refuseUnknown('localReplies', options);
  return { connectionManager: { local_reply_config: { mappers: MAPPERS, body_format: problem() } } };
}

export const localReplies = { onByDefault: true as const, proxy };
