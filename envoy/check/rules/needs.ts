import type { Rule } from '../messages';
import { child, descendant, error, has, items, text } from '../node';

const ADAPTIVE = 'envoy.extensions.filters.http.adaptive_concurrency.v3.GradientControllerConfig';

/** Several health checks are told apart by their names; before 1.40, which has these, a cluster has one. */
export const healthCheckNames: Rule = (messages) =>
  messages('envoy.config.cluster.v3.Cluster').flatMap((cluster) => {
    const checks = items(cluster, 'health_checks');
    return checks.length < 2
      ? []
      : checks
          .filter((check) => !has(check, 'name'))
          .map((check) =>
            error(
              'health-check-name',
              check,
              'needs a name, as one of several, which Envoy takes since 1.40; keep one',
            ),
          );
  });

/** Clusters come from a control plane for a node that says who it is. */
export const nodeNamed: Rule = (messages) =>
  messages('envoy.config.bootstrap.v3.Bootstrap').flatMap((bootstrap) => {
    const source = descendant(bootstrap, 'dynamic_resources', 'cds_config');
    const isRemote = has(source, 'ads') || has(source, 'api_config_source');
    const node = child(bootstrap, 'node');
    return isRemote && ['id', 'cluster'].some((name) => text(child(node, name)) === undefined)
      ? [error('node-named', node, 'needs an id and a cluster, which the control plane of cds_config is asked for')]
      : [];
  });

/** Zipkin's spans go somewhere. */
export const zipkinCollector: Rule = (messages) =>
  messages('envoy.config.trace.v3.ZipkinConfig').flatMap((zipkin) =>
    has(zipkin, 'collector_service')
      ? []
      : ['collector_cluster', 'collector_endpoint']
          .filter((name) => text(child(zipkin, name)) === undefined && typeof child(zipkin, name).value !== 'object')
          .map((name) => error('zipkin-collector', zipkin, `sends its spans nowhere; set ${name}`)),
  );

/** What a filter does on a route is said, unless it does nothing there. */
export const filterConfigSet: Rule = (messages) =>
  messages('envoy.config.route.v3.FilterConfig').flatMap((config) =>
    has(config, 'config') || child(config, 'disabled').value === true
      ? []
      : [error('filter-config', config, 'says nothing; set config, or disabled: true')],
  );

/** A tag of one's own says what it is; only Envoy's own have an expression without. */
export const statsTag: Rule = (messages) =>
  messages('envoy.config.metrics.v3.TagSpecifier').flatMap((tag) => {
    const name = text(child(tag, 'tag_name'));
    return name === undefined || name.startsWith('envoy.') || has(tag, 'regex') || has(tag, 'fixed_value')
      ? []
      : [error('stats-tag', tag, `is '${name}', which is none of Envoy's own tags; set regex or fixed_value`)];
  });

/** A minimum of round-trip times is measured now and then, or given. */
export const adaptiveInterval: Rule = (messages) =>
  messages(`${ADAPTIVE}.MinimumRTTCalculationParams`).flatMap((params) =>
    has(params, 'interval') || has(params, 'fixed_value')
      ? []
      : [error('adaptive-interval', params, 'says neither how often it measures nor what it takes; set interval')],
  );

/** A policy of balancing is one of Envoy's. */
export const balancingPolicy: Rule = (messages) =>
  messages('envoy.config.cluster.v3.LoadBalancingPolicy').flatMap((policy) => {
    const all = items(policy, 'policies');
    return all.length === 0 || all.some((one) => has(one, 'typed_extension_config'))
      ? []
      : [error('balancing-policy', policy, 'has no policy that Envoy knows; set typed_extension_config in one')];
  });

/** The first version of Zipkin's API, which is meant where nothing is said, is gone. */
export const zipkinVersion: Rule = (messages) =>
  messages('envoy.config.trace.v3.ZipkinConfig').flatMap((zipkin) =>
    has(zipkin, 'collector_endpoint_version') || has(zipkin, 'collector_service')
      ? []
      : [error('zipkin-version', zipkin, "speaks a version that is gone; set collector_endpoint_version: 'HTTP_JSON'")],
  );
