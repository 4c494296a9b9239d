import type { ProxyOptions, Upstream, UpstreamOptions } from '../envoy';
import { hasFallback, membersOf, type OneOrMore } from '../envoy/servers';
import { fail, urlPath } from '../envoy/values';
import type { IUpstream } from './upstream';

/** Where Envoy reaches the services of an upstream. */
export function places(option: string, upstream: OneOrMore<IUpstream>, inPod: boolean, own: UpstreamOptions = {}) {
  const members = membersOf(option, upstream).map(({ service: { host, port, replicas }, fallback }, index) => {
    const several = replicas !== undefined && !inPod && { replicas };
    const service = { host: inPod ? '127.0.0.1' : host, port, ...several, ...(index === 0 && own) };
    return fallback ? { service, fallback } : service;
  });
  return Array.isArray(upstream) ? members : (members[0] as Upstream);
}

/** An upstream is asked at its own health path, and one that has none isn't asked at that of another. */
export function further(option: string, upstream: OneOrMore<IUpstream>, whole: ProxyOptions['healthCheck']) {
  const path = healthPathOf(option, upstream, whole);
  const placed = (own: UpstreamOptions) => places(option, upstream, false, own);
  if (whole === false || asksOtherwise(whole)) {
    return placed({});
  }
  if (path !== undefined) {
    return placed({ healthCheck: { path } });
  }
  if (whole?.path !== undefined) {
    return placed({});
  }
  return placed({ healthCheck: hasFallback(membersOf(option, upstream)) ? { tcp: true } : false });
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
    fail(
      `${other.at}.healthPath`,
      `must be '${path}' as that of the others, since Envoy asks all of them at one`,
      other.service.healthPath,
      'give it the same, or say for all: healthCheck: { tcp: true }',
    );
  }
  return path;
}

/** Whether something else than a path is asked for. */
export const asksOtherwise = (check: ProxyOptions['healthCheck']) =>
  check !== false && (check?.tcp !== undefined || check?.grpc !== undefined);
