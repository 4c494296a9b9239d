import type { ProxyFragment, RouteFragment } from '../fragments/fragment';
import { DISABLED, ENABLED, extension } from '../messages/builders';
import { setHeader } from '../messages/header-mutations';
import { STREAMING_FILTER, STREAMING_ROUTE_FILTER } from '../messages/resource-names';
import { invalidOption } from '../options/validate';
import { anyOf, matchHeader, not, skipFilterFor } from './shared/filter-matcher';

/**
 * Lets event streams and gRPC calls outlive `timeouts.request`. They end when no byte passes for `timeouts.streamIdle`.
 * `streaming: true` on a route does the same for all its requests, and Envoy sends none of them a second time. Use it for tokens
 * of a language model, long polls and downloads.
 */
export interface StreamingOptions {
  /**
   * Media types of streams. Envoy treats a request as a stream if its header `accept` names one of them.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/faq/configuration/timeouts
   * @default ['text/event-stream'] - browsers send it for an `EventSource`
   * @example ['text/event-stream', 'application/x-ndjson']
   */
  readonly accept?: readonly string[];
}

const HEADER_MUTATION = 'envoy.extensions.filters.http.header_mutation.v3.HeaderMutation';

/** Envoy's router reads these headers and removes them. It has removed those of clients before. */
const NO_TIMEOUT = { 'x-envoy-upstream-rq-timeout-ms': '0', 'x-envoy-upstream-rq-per-try-timeout-ms': '0' };
const NO_RETRY = { 'x-envoy-max-retries': '0' };

function setHeaders(name: string, headers: Readonly<Record<string, string>>) {
  return extension(name, HEADER_MUTATION, {
    mutations: {
      request_mutations: Object.entries(headers).map(([key, value]) => ({ append: setHeader(key, value) })),
    },
  });
}

const GRPC = matchHeader('content-type', 'application/grpc([+;-].*)?');

function proxy({ accept = ['text/event-stream'] }: StreamingOptions): ProxyFragment {
  const types = accept.map((type, index) => mediaType(`streaming.accept[${index}]`, type));
  const isStream = types.length === 0 ? GRPC : anyOf(GRPC, accepts(types));
  return { httpFilters: [skipFilterFor(not(isStream), STREAMING_FILTER, setHeaders('no timeout', NO_TIMEOUT))] };
}

/** Matches one of the media types anywhere in the list of `accept`. */
function accepts(types: readonly string[]) {
  const names = types.map((type) => type.replace(/[.+*]/g, '\\$&')).join('|');
  return matchHeader('accept', `(?i)(.*,)?\\s*(${names})\\s*([;,].*)?`);
}

function mediaType(path: string, type: string): string {
  return /^[\w.+-]+\/[\w.+-]+$/.test(type)
    ? type
    : invalidOption(path, 'must be a media type', type, "write for example 'text/event-stream'");
}

function route(_options: true): RouteFragment {
  const filter = setHeaders(STREAMING_ROUTE_FILTER, { ...NO_TIMEOUT, ...NO_RETRY });
  return {
    httpFilters: [{ ...filter, disabled: true }],
    route: { typed_per_filter_config: { [STREAMING_ROUTE_FILTER]: ENABLED, [STREAMING_FILTER]: DISABLED } },
  };
}

export const streaming = { onByDefault: true as const, proxy, route };
