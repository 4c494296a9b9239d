import type { UpstreamFragment } from '../fragments/fragment';
import { type Cluster, HTTP2 } from '../messages/builders';
import { hasFallback } from '../options/endpoints';
import { type Duration, integer, positiveSeconds } from '../options/units';
import { invalidOption, refuseUnknown, urlPath } from '../options/validate';
import type { UpstreamContext } from './feature';

/**
 * Envoy asks each replica whether it is well, and sends requests only to those that are. When none is, `loadBalancing.panicMode`
 * decides. With `baseConfig`, ask for `loadBalancing` as well: without it Envoy uses unwell replicas as soon as half of them are.
 */
export interface HealthCheckOptions {
  /**
   * The path to ask for; an answer of 200 is well. An `ApiService` brings its `healthPath`.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/health_checking
   * @default - the upstream's health path; without one there is no health check, but with a fallback that of `tcp`
   */
  readonly path?: string;
  /**
   * Instead of a path: well is what takes a connection, TLS included with `upstreamTls`. A server that hangs does, too.
   *
   * @default - with a fallback, where no path is known
   */
  readonly tcp?: true;
  /**
   * Instead of a path: well is what says so by the health protocol of gRPC, of this service or, with `{}`, of the server.
   * It is spoken over HTTP/2, so all requests are.
   *
   * @see https://github.com/grpc/grpc/blob/master/doc/health-checking.md
   * @default - not used
   */
  readonly grpc?: { readonly service?: string };
  /**
   * The time between two questions. Also before the first request came: Envoy's own idle interval is a minute.
   *
   * @default '1s'
   */
  readonly interval?: Duration;
  /**
   * How long an answer may take.
   *
   * @default '1s'
   */
  readonly timeout?: Duration;
  /**
   * Bad answers in a row until a replica gets no more requests.
   *
   * @default 2
   */
  readonly unhealthyThreshold?: number;
  /**
   * Good answers in a row until it gets requests again. A new replica needs one in any case.
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
