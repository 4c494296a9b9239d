import type { UpstreamFragment } from '../fragments/fragment';
import { type Cluster, HTTP2 } from '../messages/builders';
import { hasFallback } from '../options/endpoints';
import { type Duration, integer, positiveSeconds } from '../options/units';
import { invalidOption, refuseUnknown, urlPath } from '../options/validate';
import type { UpstreamContext } from './feature';

/**
 * Sends health checks to each replica, and requests only to healthy replicas. If no replica is healthy,
 * `loadBalancing.panicMode` decides. With `baseConfig`, also set `loadBalancing`. Otherwise Envoy sends requests to all
 * replicas when more than half of them are unhealthy.
 */
export interface HealthCheckOptions {
  /**
   * Path that the health check requests. A replica that answers 200 is healthy. An `ApiService` supplies its `healthPath`.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/health_checking
   * @default - the upstream's health path. If there is none, no health check, but with a fallback the check of `tcp`
   * @example '/health'
   */
  readonly path?: string;
  /**
   * Checks that the replica accepts a connection, instead of requesting a path. With `upstreamTls`, the check includes the
   * TLS handshake. A server that accepts connections but never answers also counts as healthy.
   *
   * @default - true with a fallback, if no path is known
   */
  readonly tcp?: true;
  /**
   * Checks with gRPC's health protocol, instead of requesting a path. `service` names one service, and `{}` checks the
   * server. Envoy then sends all requests to the API over HTTP/2.
   *
   * @see https://github.com/grpc/grpc/blob/master/doc/health-checking.md
   * @default - off
   */
  readonly grpc?: { readonly service?: string };
  /**
   * Time between two health checks of a replica, longer than zero. It also applies before the first request.
   *
   * @default '1s' - Envoy's own interval before the first request is a minute
   */
  readonly interval?: Duration;
  /**
   * Maximum time for the response to a health check, longer than zero.
   *
   * @default '1s'
   */
  readonly timeout?: Duration;
  /**
   * Number of consecutive failed checks that make a replica unhealthy, from 1 to 1000.
   *
   * @default 2
   */
  readonly unhealthyThreshold?: number;
  /**
   * Number of consecutive successful checks that make a replica healthy again, from 1 to 1000. A new replica always needs
   * one.
   *
   * @default 1
   */
  readonly healthyThreshold?: number;
}

type Check = NonNullable<Cluster['health_checks']>[number];

function upstream(
  options: HealthCheckOptions,
  { inherited = {}, servers = [] }: Partial<UpstreamContext<HealthCheckOptions>> = {},
): UpstreamFragment {
  const {
    path,
    tcp,
    grpc,
    interval = '1s',
    timeout = '1s',
    unhealthyThreshold = 2,
    healthyThreshold = 1,
    ...unknown
  } = { ...(asksFor(options) ? withoutKind(inherited) : inherited), ...options };
  refuseUnknown('healthCheck', unknown);
  const [first, second] = Object.entries({ path, tcp, grpc }).filter(([, value]) => value !== undefined);
  if (second) {
    invalidOption(
      `healthCheck.${second[0]}`,
      `must not be given together with ${first?.[0]}`,
      second[1],
      'choose one of them',
    );
  }
  if (tcp !== undefined && tcp !== true) {
    invalidOption('healthCheck.tcp', 'must be true, or not be there', tcp, 'leave it out');
  }
  if (!first && !hasFallback(servers)) {
    invalidOption(
      'healthCheck.path',
      'is needed, since the upstream names no health path',
      path,
      "write for example '/health', or tcp: true",
    );
  }
  const every = positiveSeconds('healthCheck.interval', interval);
  return {
    cluster: {
      health_checks: [
        {
          timeout: positiveSeconds('healthCheck.timeout', timeout),
          interval: every,
          no_traffic_interval: every,
          unhealthy_threshold: integer('healthCheck.unhealthyThreshold', unhealthyThreshold, 1, 1_000),
          healthy_threshold: integer('healthCheck.healthyThreshold', healthyThreshold, 1, 1_000),
          ...question(path, grpc),
        },
      ],
      ...(grpc !== undefined && { typed_extension_protocol_options: HTTP2 }),
    },
  };
}

/** What is asked is one thing: what an upstream says of it replaces what the whole proxy does. */
export const asksFor = ({ path, tcp, grpc }: HealthCheckOptions) =>
  path !== undefined || tcp !== undefined || grpc !== undefined;
const withoutKind = ({ path: _, tcp: __, grpc: ___, ...rest }: HealthCheckOptions) => rest;

function question(path: HealthCheckOptions['path'], grpc: HealthCheckOptions['grpc']): Partial<Check> {
  if (path !== undefined) {
    // Without the statuses the first bad answer counts for all, and the threshold is for time-outs alone.
    const retriable = { retriable_statuses: [{ start: 100, end: 600 }] };
    return { http_health_check: { path: urlPath('healthCheck.path', path), ...retriable } };
  }
  if (grpc !== undefined) {
    const { service, ...unknown } = grpc;
    refuseUnknown('healthCheck.grpc', unknown);
    return { grpc_health_check: service === undefined ? {} : { service_name: service } };
  }
  return { tcp_health_check: {} };
}

export const healthCheck = { onWithFallback: true as const, upstream };
