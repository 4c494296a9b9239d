import type { Rule } from '../messages';
import { child, descendant, error, has, items, text } from '../node';
import { pathText } from '../problem';

const ADAPTIVE = 'envoy.extensions.filters.http.adaptive_concurrency.v3.GradientControllerConfig';

/** Zipkin's spans go somewhere. */
export const zipkinCollector: Rule = (messages) =>
  messages('envoy.config.trace.v3.ZipkinConfig').flatMap((zipkin) =>
    has(zipkin, 'collector_service')
      ? []
      : ['collector_cluster', 'collector_endpoint']
          .filter((name) => text(child(zipkin, name)) === undefined && typeof child(zipkin, name).value !== 'object')
          .map((name) => error('zipkin-collector', zipkin, `sends its spans nowhere; set ${name}`)),
  );

/** Metadata is taken from a header or a cookie. */
export const metadataSource: Rule = (messages) =>
  messages('envoy.extensions.filters.http.header_to_metadata.v3.Config.Rule').flatMap((rule) => {
    const set = ['header', 'cookie'].filter((field) => has(rule, field) && child(rule, field).value !== '');
    return set.length === 1
      ? []
      : [error('metadata-source', rule, `must be taken from a header or a cookie; set one of the two`)];
  });

/** An endpoint of OAuth2 is a whole URL. */
export const oauthEndpoint: Rule = (messages) =>
  messages('envoy.extensions.filters.http.oauth2.v3.OAuth2Config').flatMap((config) => {
    const endpoint = child(config, 'authorization_endpoint');
    const url = text(endpoint);
    return url === undefined || /^[a-z][a-z0-9+.-]*:\/\/[^/?#\s]+([/?#]\S*)?$/i.test(url)
      ? []
      : [
          error(
            'oauth-endpoint',
            endpoint,
            `must be a whole URL, got '${url}'; write for example 'https://id.example.com/authorize'`,
          ),
        ];
  });

/** What a filter does on a route, or a cache where it keeps things, is said, unless it does nothing. */
export const filterConfigSet: Rule = (messages) =>
  (
    [
      ['envoy.config.route.v3.FilterConfig', 'config'],
      ['envoy.extensions.filters.http.cache.v3.CacheConfig', 'typed_config'],
      ['envoy.extensions.filters.http.cache_v2.v3.CacheV2Config', 'typed_config'],
    ] as const
  ).flatMap(([type, field]) =>
    messages(type).flatMap((config) =>
      has(config, field) || child(config, 'disabled').value === true
        ? []
        : [error('filter-config', config, `says nothing; set ${field}, or disabled: true`)],
    ),
  );

/** A socket for some endpoints alone is said; without, they would have none at all, not that of the cluster. */
export const matchedSocket: Rule = (messages) =>
  messages('envoy.config.cluster.v3.Cluster.TransportSocketMatch').flatMap((match) =>
    has(match, 'transport_socket')
      ? []
      : [error('matched-socket', match, 'names no socket; set transport_socket, for example that of raw_buffer')],
  );

/** What an expression finds in a request is counted, so there has to be one. */
export const descriptorExpression: Rule = (messages) =>
  messages('envoy.extensions.rate_limit_descriptors.expr.v3.Descriptor').flatMap((descriptor) =>
    has(descriptor, 'text') || has(descriptor, 'parsed')
      ? []
      : [error('descriptor-expression', descriptor, 'counts by no expression; set text')],
  );

/** Who shows a certificate is told by something about it. */
export const mtlsAuthenticated: Rule = (messages) =>
  messages('envoy.extensions.rbac.principals.mtls_authenticated.v3.Config').flatMap((principal) =>
    has(principal, 'san_matcher') || child(principal, 'any_validated_client_certificate').value === true
      ? []
      : [
          error(
            'mtls-authenticated',
            principal,
            'asks nothing of a certificate; set san_matcher, or any_validated_client_certificate: true',
          ),
        ],
  );

/** A minimum of round-trip times is measured now and then, or given. */
export const adaptiveInterval: Rule = (messages) =>
  messages(`${ADAPTIVE}.MinimumRTTCalculationParams`).flatMap((params) =>
    has(params, 'interval') || has(params, 'fixed_value')
      ? []
      : [error('adaptive-interval', params, 'says neither how often it measures nor what it takes; set interval')],
  );

/** The versions of Zipkin's API that Envoy speaks. With another one it crashes, and the first is gone. */
export const zipkinVersion: Rule = (messages) =>
  messages('envoy.config.trace.v3.ZipkinConfig').flatMap((zipkin) => {
    const version = child(zipkin, 'collector_endpoint_version');
    return has(zipkin, 'collector_service') || ['HTTP_JSON', 'HTTP_PROTO'].includes(String(version.value))
      ? []
      : [
          error(
            'zipkin-version',
            has(zipkin, 'collector_endpoint_version') ? version : zipkin,
            "speaks a version that Envoy does not; set collector_endpoint_version to 'HTTP_JSON' or 'HTTP_PROTO'",
          ),
        ];
  });

/** Where Envoy asks for more of its configuration, it says who it is. */
export const nodeNamed: Rule = (messages) => {
  const sources = messages('envoy.config.core.v3.ConfigSource').filter((source) =>
    ['path', 'path_config_source', 'api_config_source', 'ads'].some((field) => has(source, field)),
  );
  return messages('envoy.config.bootstrap.v3.Bootstrap').flatMap((bootstrap) => {
    const ads = descendant(bootstrap, 'dynamic_resources', 'ads_config');
    const [first] = ads.value === undefined ? sources : [ads, ...sources];
    const node = child(bootstrap, 'node');
    return first !== undefined && ['id', 'cluster'].some((name) => text(child(node, name)) === undefined)
      ? [error('node-named', node, `needs an id and a cluster, by which Envoy asks ${pathText(first.path)}`)]
      : [];
  });
};

/** What a route says to the filter that makes metadata of headers is not nothing, nor what stands for a missing header. */
export const headerToMetadata: Rule = (messages) => [
  ...messages('envoy.extensions.filters.http.header_to_metadata.v3.Config')
    .filter(({ path }) => path.some((step) => step === 'typed_per_filter_config' || step === 'typedPerFilterConfig'))
    .filter((config) => ['request_rules', 'response_rules'].every((rules) => items(config, rules).length === 0))
    .map((config) => error('header-to-metadata', config, 'says nothing; set request_rules or response_rules')),
  ...messages('envoy.extensions.filters.http.header_to_metadata.v3.Config.Rule')
    .filter((rule) => has(rule, 'on_header_missing'))
    .map((rule) => child(rule, 'on_header_missing'))
    .filter((missing) => (child(missing, 'value').value ?? '') === '')
    .map((missing) => error('header-to-metadata', missing, 'stands for a header with nothing; set value')),
];
