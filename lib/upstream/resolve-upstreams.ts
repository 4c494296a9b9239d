import type { OneOrMore, ProxyOptions, Upstream, UpstreamOptions } from '../../envoy';
import { asksFor, hasFallback, invalidOption, membersOf, urlPath } from '../../envoy/host-api';
import type { IUpstream } from './upstream';

/** Where Envoy reaches the services of an upstream, and what is said of them alone. */
export function places(option: string, upstream: OneOrMore<IUpstream>, inPod: boolean, healthCheck?: HealthCheck) {
  const members = membersOf(option, upstream).map(({ service, fallback }, index) => {
    const { host, port, replicas } = service;
    const several = replicas !== undefined && !inPod && { replicas };
    const own = optionsOf(service);
    const check = checkOf(own.healthCheck, index === 0 ? healthCheck : undefined);
    const asked = check !== undefined && { healthCheck: check };
    const place = { host: inPod ? '127.0.0.1' : host, port, ...several, ...own, ...asked };
    return fallback ? { service: place, fallback } : place;
  });
  return Array.isArray(upstream) ? members : (members[0] as Upstream);
}

type HealthCheck = UpstreamOptions['healthCheck'];

/** What is asked is that by default, unless it says so itself. */
function checkOf(own: HealthCheck, byDefault: HealthCheck): HealthCheck {
  return own && byDefault && !asksFor(own) ? { ...byDefault, ...own } : (own ?? byDefault);
}

/** What is written out beside what a sidecar itself knows of an upstream. A construct has other things. */
function optionsOf(service: IUpstream): UpstreamOptions {
  if (Object.getPrototypeOf(service) !== Object.prototype) {
    return {};
  }
  const { host, port, replicas, network, healthPath, dependsOn, rollout, joinPod, ...own } = service;
  return own;
}

/** An upstream is asked at its own health path, and one that has none isn't asked at that of another. */
export function further(option: string, upstream: OneOrMore<IUpstream>, whole: ProxyOptions['healthCheck']) {
  const path = healthPathOf(option, upstream, whole);
  const placed = (check?: HealthCheck) => places(option, upstream, false, check);
  if (whole === false || asksOtherwise(whole)) {
    return placed();
  }
  if (path !== undefined) {
    return placed({ path });
  }
  if (whole?.path !== undefined) {
    return placed();
  }
  return placed(hasFallback(membersOf(option, upstream)) ? { tcp: true } : false);
}

/** The services of one upstream are all asked at one path, since Envoy has one for them. */
export function healthPathOf(
  option: string,
  upstream: OneOrMore<IUpstream>,
  whole: ProxyOptions['healthCheck'],
): string | undefined {
  const members = membersOf(option, upstream);
  for (const { at, service } of members) {
    if (service.healthPath !== undefined) {
      urlPath(`${at}.healthPath`, service.healthPath);
    }
  }
  const path = members.find(({ service }) => service.healthPath !== undefined)?.service.healthPath;
  const other = members.find(({ service }) => service.healthPath !== path);
  if (other && (whole === false || whole?.path !== undefined || asksOtherwise(whole))) {
    return undefined;
  }
  if (other) {
    invalidOption(
      `${other.at}.healthPath`,
      `must be '${path}' as that of the others, since Envoy asks all of them at one`,
      other.service.healthPath,
      'give it the same, or say for all: healthCheck: { tcp: true }',
    );
  }
  return path;
}

/** Whether something else than a path is asked for. */
export const asksOtherwise = (check: HealthCheck) =>
  check !== false && (check?.tcp !== undefined || check?.grpc !== undefined);
