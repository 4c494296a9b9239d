import { error, getField, getItems, type Node, readSeconds } from '../message-reader';
import type { Messages, Rule, RuleProblem } from '../rule';

const HTTP = 'envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit';

/** Envoy fills a local bucket every 50 ms at the most. */
export const fillInterval: Rule = (messages) => {
  const limits = [
    ...messages(HTTP),
    ...messages('envoy.extensions.filters.network.local_ratelimit.v3.LocalRateLimit'),
    ...messages('envoy.extensions.filters.listener.local_ratelimit.v3.LocalRateLimit'),
  ];
  return [...limits, ...messages(HTTP).flatMap((limit) => getItems(limit, 'descriptors'))].flatMap((limit) => {
    const interval = getField(getField(limit, 'token_bucket'), 'fill_interval');
    const seconds = readSeconds(interval);
    return seconds !== undefined && seconds > 0 && seconds < 0.05
      ? [
          error(
            'fill-interval',
            interval,
            `is '${interval.value}', less than the 0.05s that Envoy can; write a longer one with more tokens_per_fill`,
          ),
        ]
      : [];
  });
};

/** The longest of two times is not the shorter one. */
export const intervalOrder: Rule = (messages: Messages) => [
  ...messages('envoy.config.route.v3.RetryPolicy.RetryBackOff').flatMap((backOff) =>
    checkOrder(backOff, 'base_interval', 'max_interval'),
  ),
  ...['envoy.config.cluster.v3.Cluster', 'envoy.extensions.clusters.dns.v3.DnsCluster']
    .flatMap((cluster) => messages(`${cluster}.RefreshRate`))
    .flatMap((rate) => checkOrder(rate, 'base_interval', 'max_interval')),
  // The same settings elsewhere are not looked at, and used with the first retry.
  ...messages('envoy.extensions.filters.http.jwt_authn.v3.RemoteJwks').flatMap((remote) =>
    checkOrder(getField(remote, 'retry_policy', 'retry_back_off'), 'base_interval', 'max_interval'),
  ),
  ...messages('envoy.config.cluster.v3.OutlierDetection').flatMap((outlier) =>
    checkOrder(outlier, 'base_ejection_time', 'max_ejection_time', 30),
  ),
];

function checkOrder(node: Node, least: string, most: string, usual?: number): readonly RuleProblem[] {
  const from = readSeconds(getField(node, least)) ?? usual;
  const to = readSeconds(getField(node, most));
  return from !== undefined && to !== undefined && from > to
    ? [
        error(
          'interval-order',
          getField(node, most),
          `is '${getField(node, most).value}', less than ${least} (${from}s); make it at least as long`,
        ),
      ]
    : [];
}
