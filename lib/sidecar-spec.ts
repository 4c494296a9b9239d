import {
  type Bytes,
  type EnvoyOptions,
  type ProxyOptions,
  type ProxySpec,
  proxySpec,
  type RunOptions,
  type Upstream,
  type UpstreamOptions,
  type WriteReference,
} from '../envoy';
import { hasFallback, membersOf, type OneOrMore } from '../envoy/servers';
import { bytes, fail, urlPath } from '../envoy/values';
import type { IUpstream } from './upstream';

type SidecarOptions = ProxyOptions &
  RunOptions &
  Pick<EnvoyOptions, 'port' | 'routes' | 'custom' | 'base' | 'patch'> & {
    readonly upstreams?: Readonly<Record<string, OneOrMore<IUpstream>>>;
  };

/** The proxy before this upstream, in a container of this size that isn't root. */
export function sidecarSpec(
  options: SidecarOptions,
  upstream: OneOrMore<IUpstream>,
  memory: Bytes,
  inPod: boolean,
  reference?: WriteReference,
): ProxySpec {
  const { limits, retries, discovery, healthCheck } = options;
  if (limits && limits.heap !== undefined && bytes('limits.heap', limits.heap) >= bytes('memory', memory)) {
    fail(
      'limits.heap',
      `must be less than memory ('${memory}'), or the container is killed before Envoy defends itself`,
      limits.heap,
      'leave it out',
    );
  }
  const healthPath = healthPathOf('upstream', upstream, healthCheck);
  // Before a configuration of the user's own, a feature is on where it is asked for.
  const isOn = (feature: object | false | undefined) =>
    feature !== false && (feature !== undefined || options.base === undefined);
  const envoy = {
    ...options,
    ...(isOn(limits) && { limits: { heap: heapIn(memory), ...limits } }),
    // Its address is all there is to find, also with discovery off.
    ...(inPod && isOn(discovery || undefined) && { discovery: { ...discovery, type: 'STATIC' as const } }),
    ...(inPod && isOn(retries) && { retries: { ...UNTIL_IT_IS_BACK, ...retries } }),
    ...(healthPath !== undefined &&
      isOn(healthCheck) &&
      !asksOtherwise(healthCheck) && {
        healthCheck: { path: healthPath, ...healthCheck },
      }),
    upstream: places('upstream', upstream, inPod),
    upstreams: Object.fromEntries(
      Object.entries(options.upstreams ?? {}).map(([name, one]) => [
        name,
        further(`upstreams.${name}`, one, healthCheck),
      ]),
    ),
  };
  const spec = proxySpec(envoy, reference);
  for (const { name, port } of spec.ports) {
    const option = { http: 'port', admin: 'adminView.port' }[name] ?? `port of '${name}'`;
    if (port < 1_024) {
      fail(
        option,
        'must be 1024 or above, since the container is not root',
        port,
        `leave it, and publish it as ${port}: publish: { ${name}: { port: ${port} } }`,
      );
    }
    if (inPod && membersOf('upstream', upstream).some(({ service }) => service.port === port)) {
      fail(option, 'is that of the API in the same pod', port, 'give it another');
    }
  }
  return spec;
}

/** Where Envoy reaches the services of an upstream. */
function places(option: string, upstream: OneOrMore<IUpstream>, inPod: boolean, own: UpstreamOptions = {}) {
  const members = membersOf(option, upstream).map(({ service: { host, port }, fallback }, index) => {
    const service = { host: inPod ? '127.0.0.1' : host, port, ...(index === 0 && own) };
    return fallback ? { service, fallback } : service;
  });
  return Array.isArray(upstream) ? members : (members[0] as Upstream);
}

/** An upstream is asked at its own health path, and one that has none isn't asked at that of another. */
function further(option: string, upstream: OneOrMore<IUpstream>, whole: ProxyOptions['healthCheck']) {
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
function healthPathOf(
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

const asksOtherwise = (check: ProxyOptions['healthCheck']) =>
  check !== false && (check?.tcp !== undefined || check?.grpc !== undefined);

/** Nine tenths of the container: the rest is for what is not heap, stacks and code. */
function heapIn(memory: Bytes): Bytes {
  return `${Math.floor((bytes('memory', memory) * 0.9) / 1_024)}KiB`;
}

/**
 * In a pod the API is away while it is replaced. Requests wait for it by being tried again, only while nothing listens;
 * the end is that of `timeouts.request`.
 */
const UNTIL_IT_IS_BACK = { attempts: 100, backOff: '100ms', maxBackOff: '500ms', onIdempotent: [] } as const;
