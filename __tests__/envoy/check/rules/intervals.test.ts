import { fillInterval, intervalOrder } from '../../../../envoy/check/rules/intervals';
import { runRule } from './run-rule';

test('a bucket is filled every 50 ms at the most', () => {
  expect(
    runRule(fillInterval, {
      'envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit': [
        {
          token_bucket: {
            fill_interval: '0.049s',
          },
          descriptors: [
            {
              token_bucket: {
                fill_interval: '0.01s',
              },
            },
            {
              token_bucket: {
                fill_interval: '0.050s',
              },
            },
          ],
        },
      ],
      'envoy.extensions.filters.network.local_ratelimit.v3.LocalRateLimit': [
        {
          token_bucket: {
            fill_interval: '0.001s',
          },
        },
      ],
    }),
  ).toEqual([
    "error fill-interval at LocalRateLimit[0].token_bucket.fill_interval: is '0.049s', less than the 0.05s that Envoy can; write a longer one with more tokens_per_fill",
    "error fill-interval at LocalRateLimit[0].token_bucket.fill_interval: is '0.001s', less than the 0.05s that Envoy can; write a longer one with more tokens_per_fill",
    "error fill-interval at LocalRateLimit[0].descriptors[0].token_bucket.fill_interval: is '0.01s', less than the 0.05s that Envoy can; write a longer one with more tokens_per_fill",
  ]);
});

test('the longest is not shorter', () => {
  expect(
    runRule(intervalOrder, {
      'envoy.config.route.v3.RetryPolicy.RetryBackOff': [
        {
          base_interval: '2s',
          max_interval: '1s',
        },
        {
          base_interval: '1s',
          max_interval: '1s',
        },
        {
          base_interval: '1s',
        },
      ],
      'envoy.config.cluster.v3.Cluster.RefreshRate': [
        {
          base_interval: '2s',
          max_interval: '1s',
        },
      ],
      'envoy.extensions.clusters.dns.v3.DnsCluster.RefreshRate': [
        {
          at: ['dns'],
          base_interval: '2s',
          max_interval: '1s',
        },
      ],
      'envoy.extensions.filters.http.jwt_authn.v3.RemoteJwks': [
        {
          retry_policy: {
            retry_back_off: {
              base_interval: '2s',
              max_interval: '1s',
            },
          },
        },
        {},
      ],
      'envoy.config.cluster.v3.OutlierDetection': [
        {
          max_ejection_time: '10s',
        },
        {
          base_ejection_time: '5s',
          max_ejection_time: '10s',
        },
      ],
    }),
  ).toEqual([
    "error interval-order at RetryBackOff[0].max_interval: is '1s', less than base_interval (2s); make it at least as long",
    "error interval-order at RefreshRate[0].max_interval: is '1s', less than base_interval (2s); make it at least as long",
    "error interval-order at dns.max_interval: is '1s', less than base_interval (2s); make it at least as long",
    "error interval-order at RemoteJwks[0].retry_policy.retry_back_off.max_interval: is '1s', less than base_interval (2s); make it at least as long",
    "error interval-order at OutlierDetection[0].max_ejection_time: is '10s', less than base_ejection_time (30s); make it at least as long",
  ]);
});
