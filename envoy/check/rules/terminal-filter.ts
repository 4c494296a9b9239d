import { error, getField, getItems, getMessageType, hasField, type Node, readText, warning } from '../message-reader';
import type { Rule, RuleProblem } from '../rule';
import { HTTP_CONNECTION_MANAGER } from './message-types';

interface FilterKind {
  /** What the last one does: answers, or sends onwards. */
  readonly terminal: readonly string[];
  readonly remedy: string;
}

const HTTP: FilterKind = {
  terminal: ['envoy.extensions.filters.http.router.v3.Router', 'envoy.extensions.filters.http.mcp_router.v3.McpRouter'],
  remedy: 'put envoy.filters.http.router behind it',
};

const UPSTREAM: FilterKind = {
  terminal: ['envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec'],
  remedy: 'put envoy.filters.http.upstream_codec behind it',
};

const NETWORK: FilterKind = {
  terminal: [
    'envoy.extensions.filters.network.direct_response.v3.Config',
    'envoy.extensions.filters.network.dubbo_proxy.v3.DubboProxy',
    'envoy.extensions.filters.network.echo.v3.Echo',
    'envoy.extensions.filters.network.generic_proxy.v3.GenericProxy',
    HTTP_CONNECTION_MANAGER,
    'envoy.extensions.filters.network.redis_proxy.v3.RedisProxy',
    'envoy.extensions.filters.network.reverse_tunnel.v3.DrainAwareHttpConnectionManager',
    'envoy.extensions.filters.network.reverse_tunnel.v3.ReverseTunnel',
    'envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy',
    'envoy.extensions.filters.network.thrift_proxy.v3.ThriftProxy',
  ],
  remedy: 'put envoy.filters.network.http_connection_manager or envoy.filters.network.tcp_proxy behind it',
};

/** The last filter of a chain answers or sends onwards, and no other one does. */
export const terminalFilter: Rule = (messages) => [
  ...messages(HTTP_CONNECTION_MANAGER).flatMap((manager) => {
    const filters = getItems(manager, 'http_filters');
    return filters.length === 0 && !hasField(manager, 'http_filters')
      ? [
          warning(
            'terminal-filter',
            manager,
            'has no HTTP filter, so that nothing answers; add envoy.filters.http.router',
          ),
        ]
      : checkOrder(filters, HTTP);
  }),
  ...messages('envoy.extensions.filters.http.router.v3.Router').flatMap((router) =>
    checkOrder(getItems(router, 'upstream_http_filters'), UPSTREAM),
  ),
  ...messages('envoy.extensions.upstreams.http.v3.HttpProtocolOptions').flatMap((options) =>
    checkOrder(getItems(options, 'http_filters'), UPSTREAM),
  ),
  ...messages('envoy.config.listener.v3.FilterChain').flatMap((chain) =>
    checkOrder(getItems(chain, 'filters'), NETWORK),
  ),
];

function checkOrder(filters: readonly Node[], kind: FilterKind): readonly RuleProblem[] {
  const ends = (filter: Node) => {
    const config = getField(filter, 'typed_config');
    return kind.terminal.includes(getMessageType(config) ?? '') || getField(config, 'terminal_filter').value === true;
  };
  const answers = filters.some(ends);
  return filters.flatMap((filter, index) => {
    const type = getMessageType(getField(filter, 'typed_config'));
    const name = readText(getField(filter, 'name')) ?? type;
    const last = index === filters.length - 1;
    const terminal = ends(filter);
    if (terminal && !last) {
      return [
        error(
          'terminal-filter',
          filter,
          `'${name}' ends the chain, and ${describeNext(filters, index)} behind it; move it last`,
        ),
      ];
    }
    if (terminal && last && getField(filter, 'disabled').value === true) {
      return [error('terminal-filter', filter, `'${name}' ends the chain and can't be disabled; remove disabled`)];
    }
    // Without a type it is found elsewhere, or refused by another rule.
    if (last && !answers && type !== undefined) {
      return [error('terminal-filter', filter, `'${name}' is the last filter and does not answer; ${kind.remedy}`)];
    }
    return [];
  });
}

function describeNext(filters: readonly Node[], index: number): string {
  const next = filters[index + 1];
  const name = next && (readText(getField(next, 'name')) ?? getMessageType(getField(next, 'typed_config')));
  return name === undefined ? 'another is' : `'${name}' is`;
}
