import type { OneOrMore, Upstream, UpstreamOptions } from '../../envoy';
import { hasFallback, invalidOption, membersOf, urlPath } from '../../envoy/host-api';
import { asksOtherwise, type HealthCheck, resolveHealthCheck } from './resolve-health-check';
import type { IUpstream } from './upstream';

/** The sidecar's upstream, with the addresses of its services and the options of each. */
export function resolveUpstream(option: string, upstream: OneOrMore<IUpstream>, inPod: boolean): OneOrMore<Upstream> {
  return toUpstream(option, upstream, (service) => {
    const { host, port, replicas } = service;
    return { host: inPod ? '127.0.0.1' : host, port, ...(!inPod && replicas !== undefined && { replicas }) };
  });
}

/** A further upstream, which has a health check of its own. */
export function resolveFurtherUpstream(
  option: string,
  upstream: OneOrMore<IUpstream>,
  sidecar: HealthCheck,
): OneOrMore<Upstream> {
  const healthPath = commonHealthPath(option, upstream, sidecar);
  const sources = { sidecar, healthPath, hasFallback: hasFallback(membersOf(option, upstream)) };
  return toUpstream(option, upstream, ({ host, port, replicas }, own, isFirst) => {
    // The services are one cluster: one of them sets the health check for all.
    const healthCheck = isFirst ? resolveHealthCheck({ ...sources, own: own.healthCheck }) : undefined;
    return {
      host,
      port,
      ...(replicas !== undefined && { replicas }),
      ...(healthCheck !== undefined && { healthCheck }),
    };
  });
}

function toUpstream(
  option: string,
  upstream: OneOrMore<IUpstream>,
  resolve: (service: IUpstream, own: UpstreamOptions, isFirst: boolean) => Upstream,
): OneOrMore<Upstream> {
  const members = membersOf(option, upstream).map(({ service, fallback }, index) => {
    const own = ownOptions(service);
    const resolved = { ...own, ...resolve(service, own, index === 0) };
    return fallback ? { service: resolved, fallback } : resolved;
  });
  return Array.isArray(upstream) ? members : (members[0] as Upstream);
}

/** The options of features that a service sets for itself. A construct sets none. */
function ownOptions(service: IUpstream): UpstreamOptions {
  if (Object.getPrototypeOf(service) !== Object.prototype) {
    return {};
  }
  const { host, port, replicas, network, healthPath, dependsOn, rollout, joinPod, ...own } = service;
  return own;
}

/** The `healthPath` of the services of one upstream. It must be the same for all, since Envoy has one check for a cluster. */
export function commonHealthPath(
  option: string,
  upstream: OneOrMore<IUpstream>,
  sidecar: HealthCheck,
): string | undefined {
  const members = membersOf(option, upstream);
  for (const { at, service } of members) {
    if (service.healthPath !== undefined) {
      urlPath(`${at}.healthPath`, service.healthPath);
    }
  }
  const path = members.find(({ service }) => service.healthPath !== undefined)?.service.healthPath;
  const different = members.find(({ service }) => service.healthPath !== path);
  if (different === undefined) {
    return path;
  }
  // The sidecar's option decides for all.
  if (sidecar === false || sidecar?.path !== undefined || asksOtherwise(sidecar)) {
    return undefined;
  }
  invalidOption(
    `${different.at}.healthPath`,
    `must be '${path}' as that of the others, since Envoy asks all of them at one`,
    different.service.healthPath,
    'give it the same, or say for all: healthCheck: { tcp: true }',
  );
}
