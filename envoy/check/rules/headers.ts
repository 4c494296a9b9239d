import { HTTP_TOKEN } from '../../options/http-token';
import { error, getField, getItems, hasField, type Node, readText } from '../message-reader';
import type { Messages, Rule } from '../rule';
import { HTTP_CONNECTION_MANAGER } from './message-types';

const PSEUDO = /^:[a-z-]+$/;

/** What names a header, so that a pseudo header of HTTP/2 may stand there too. */
const READS: Readonly<Record<string, string>> = {
  'envoy.config.route.v3.HeaderMatcher': 'name',
  'envoy.config.route.v3.RouteAction': 'cluster_header',
  'envoy.config.route.v3.RouteAction.HashPolicy.Header': 'header_name',
  'envoy.config.route.v3.RateLimit.Action.RequestHeaders': 'header_name',
  'envoy.config.route.v3.WeightedCluster.ClusterWeight': 'cluster_header',
  'envoy.type.matcher.v3.HttpRequestHeaderMatchInput': 'header_name',
  'envoy.type.matcher.v3.HttpResponseHeaderMatchInput': 'header_name',
  'envoy.extensions.filters.http.jwt_authn.v3.JwtHeader': 'name',
};

/** What writes one, where Envoy allows no pseudo header. */
const WRITES: Readonly<Record<string, string>> = {
  'envoy.extensions.filters.http.jwt_authn.v3.JwtProvider': 'forward_payload_header',
  'envoy.extensions.filters.http.jwt_authn.v3.JwtClaimToHeader': 'header_name',
};

const REMOVED = ['request_headers_to_remove', 'response_headers_to_remove'];
const REMOVERS = [
  'envoy.config.route.v3.Route',
  'envoy.config.route.v3.RouteConfiguration',
  'envoy.config.route.v3.VirtualHost',
  'envoy.config.route.v3.WeightedCluster.ClusterWeight',
];

const addedHeaders = (messages: Messages) =>
  messages('envoy.config.core.v3.HeaderValueOption').map((option) => getField(option, 'header', 'key'));

const removedHeaders = (messages: Messages) =>
  REMOVERS.flatMap((type) => messages(type).flatMap((remover) => REMOVED.flatMap((field) => getItems(remover, field))));

/**
 * Names of headers are what HTTP takes for a name. Envoy itself takes anything without a line break, and such a header
 * never leaves or reaches it.
 */
export const headerName: Rule = (messages) => {
  const fields = (table: Readonly<Record<string, string>>) =>
    Object.entries(table).flatMap(([type, field]) => messages(type).map((met) => getField(met, field)));
  const mutations = messages('envoy.config.common.mutation_rules.v3.HeaderMutation').map((mutation) =>
    getField(mutation, 'remove'),
  );
  const plain = [
    ...messages('envoy.config.core.v3.HeaderValue').map((header) => getField(header, 'key')),
    ...fields(WRITES),
  ];
  return [
    ...new Map([...plain, ...fields(READS), ...removedHeaders(messages), ...mutations].map(toPathEntry)).values(),
  ].flatMap((node) => {
    const name = readText(node);
    return name === undefined || HTTP_TOKEN.test(name) || PSEUDO.test(name)
      ? []
      : [
          error(
            'header-name',
            node,
            `is ${JSON.stringify(name)}, which is no name of a header; use letters, digits and '-'`,
          ),
        ];
  });
};

const toPathEntry = (node: Node) => [JSON.stringify(node.protoPath), node] as const;

/** Envoy changes the host and pseudo headers by options of their own. */
export const headerProtected: Rule = (messages) => {
  const isProtected = (name: string) => name.startsWith(':') || name.toLowerCase() === 'host';
  const wrong = (node: Node, verb: string) => {
    const name = readText(node);
    return name !== undefined && isProtected(name)
      ? [
          error(
            'header-protected',
            node,
            `is '${name}', which can't be ${verb}; use host_rewrite_literal, prefix_rewrite or the like of the route`,
          ),
        ]
      : [];
  };
  return [
    ...addedHeaders(messages).flatMap((node) => wrong(node, 'added or changed')),
    ...removedHeaders(messages).flatMap((node) => wrong(node, 'removed')),
  ];
};

/** The release binaries have no validator of headers built in, though they know the type of its settings. */
export const headerValidator: Rule = (messages) =>
  (
    [
      [HTTP_CONNECTION_MANAGER, 'typed_header_validation_config'],
      ['envoy.extensions.upstreams.http.v3.HttpProtocolOptions', 'header_validation_config'],
    ] as const
  ).flatMap(([type, field]) =>
    messages(type)
      .filter((holder) => hasField(holder, field))
      .map((holder) => error('header-validator', getField(holder, field), 'is not built into Envoy; remove it')),
  );
