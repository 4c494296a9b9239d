import type { ProxyFragment, RouteFragment } from '../fragments/fragment';
import type { Restrictions } from '../fragments/restrictions';
import { DISABLED, ENABLED, extension, type HttpFilter } from '../messages/builders';
import { type Bytes, bytes } from '../options/units';
import { invalidOption, refuseUnknown } from '../options/validate';
import type { RouteContext, ScopeContext } from './feature';
import { IS_UPGRADE, skipFilterFor } from './shared/filter-matcher';

/** Rejects request bodies above a size with 413. A text such as `bodyLimit: '10MiB'` sets the size. */
export interface BodyLimitOptions {
  /**
   * Maximum size of a request body, below 4 GiB.
   *
   * @default - required, on the sidecar or on the route
   * @example '10MiB'
   */
  readonly maxSize?: Bytes;
  /**
   * Passes the body on to the API while it arrives. Needs Envoy 1.40. If a body without `content-length` exceeds the limit,
   * the API has received its beginning, and the body breaks off. `requestBuffering` still holds small bodies.
   *
   * With `false`, Envoy holds each body until it is complete. The API then receives no part of a body that is too large or
   * incomplete. Each held body uses memory up to the limit. Request streams, as of gRPC, never end, so their routes need `true`
   * or `bodyLimit: false`. WebSockets have no body.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/http/http_filters/buffer_filter
   * @default false - it works with every version of Envoy
   */
  readonly streaming?: boolean;
}

const BUFFER = 'envoy.filters.http.buffer';
const STREAMED = 'envoy.filters.http.body_size_limit';
const BODY_SIZE_LIMIT = 'envoy.extensions.filters.http.body_size_limit.v3.BodySizeLimit';

const written = (options: Bytes | BodyLimitOptions): BodyLimitOptions =>
  typeof options === 'string' ? { maxSize: options } : options;

/** The filter, whose name may have something of a route's behind it. */
function limit({ maxSize, streaming = false, ...unknown }: BodyLimitOptions, behind = ''): HttpFilter {
  refuseUnknown('bodyLimit', unknown);
  if (maxSize === undefined) {
    invalidOption('bodyLimit.maxSize', 'is needed', maxSize, "write for example '10MiB'");
  }
  const max_request_bytes = bytes('bodyLimit.maxSize', maxSize);
  if (max_request_bytes >= 2 ** 32) {
    invalidOption('bodyLimit.maxSize', 'must be less than 4GiB', maxSize, "write for example '10MiB'");
  }
  const [name, filter] = streaming
    ? [STREAMED, extension('limit', BODY_SIZE_LIMIT, { max_request_bytes })]
    : [BUFFER, extension('buffer', 'envoy.extensions.filters.http.buffer.v3.Buffer', { max_request_bytes })];
  // What a client sends after an upgrade is no body, and it does not end.
  return skipFilterFor(IS_UPGRADE, name + behind, filter);
}

function proxy(options: Bytes | BodyLimitOptions): ProxyFragment {
  return { httpFilters: [limit(written(options))] };
}

/** A filter of its own, since the one that streams has no options for one route. */
function route(
  options: Bytes | BodyLimitOptions,
  { inherited = {}, name }: RouteContext<Bytes | BodyLimitOptions>,
): RouteFragment {
  const ofProxy = written(inherited);
  const own = limit({ ...ofProxy, ...written(options) }, `.${name}`);
  return {
    httpFilters: [{ ...own, disabled: true }],
    route: {
      typed_per_filter_config: {
        [own.name]: ENABLED,
        ...(Object.keys(ofProxy).length > 0 && { [limit(ofProxy).name]: DISABLED }),
      },
    },
  };
}

function restrictions(
  own: Bytes | BodyLimitOptions,
  { inherited = {} }: ScopeContext<Bytes | BodyLimitOptions>,
): Restrictions {
  const { maxSize } = { ...written(inherited), ...written(own) };
  return maxSize === undefined ? {} : { size: bytes('bodyLimit.maxSize', maxSize) };
}

export const bodyLimit = { proxy, route, restrictions };
