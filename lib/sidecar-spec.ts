import {
  type Bytes,
  type EnvoyOptions,
  type ProxyOptions,
  type ProxySpec,
  proxySpec,
  type RunOptions,
  type WriteReference,
} from '../envoy';
import { bytes, fail, urlPath } from '../envoy/values';
import type { IUpstream } from './upstream';

type SidecarOptions = ProxyOptions &
  RunOptions &
  Pick<EnvoyOptions, 'port' | 'routes' | 'custom' | 'base' | 'patch'> & {
    readonly upstreams?: Readonly<Record<string, IUpstream>>;
  };

/** The proxy before this upstream, in a container of this size that isn't root. */
export function sidecarSpec(
  options: SidecarOptions,
  upstream: IUpstream,
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
  if (upstream.healthPath !== undefined) {
    urlPath('upstream.healthPath', upstream.healthPath);
  }
  // Before a configuration of the user's own, a feature is on where it is asked for.
  const isOn = (feature: object | false | undefined) =>
    feature !== false && (feature !== undefined || options.base === undefined);
  const envoy = {
    ...options,
    ...(isOn(limits) && { limits: { heap: heapIn(memory), ...limits } }),
    // Its address is all there is to find, also with discovery off.
    ...(inPod && isOn(discovery || undefined) && { discovery: { ...discovery, type: 'STATIC' as const } }),
    ...(inPod && isOn(retries) && { retries: { ...UNTIL_IT_IS_BACK, ...retries } }),
    ...(upstream.healthPath !== undefined &&
      isOn(healthCheck) && { healthCheck: { path: upstream.healthPath, ...healthCheck } }),
    upstream: { host: inPod ? '127.0.0.1' : upstream.host, port: upstream.port },
    upstreams: Object.fromEntries(
      Object.entries(options.upstreams ?? {}).map(([name, { host, port, healthPath }]) => [
        name,
        { host, port, ...ownHealth(`upstreams.${name}`, healthPath, healthCheck) },
      ]),
    ),
  };
  const spec = proxySpec(envoy, reference);
  for (const { name, port } of spec.ports) {
    const option =
      { http: 'port', admin: 'adminView.port', redirect: 'tls.redirect.port' }[name] ?? `port of '${name}'`;
    if (port < 1_024) {
      fail(
        option,
        'must be 1024 or above, since the container is not root',
        port,
        `leave it, and publish it as ${port}: publish: { ${name}: { port: ${port} } }`,
      );
    }
    if (inPod && port === upstream.port) {
      fail(option, 'is that of the API in the same pod', port, 'give it another');
    }
  }
  return spec;
}

/** An upstream is asked at its own health path, and one that has none isn't asked at that of another. */
function ownHealth(option: string, healthPath: string | undefined, whole: ProxyOptions['healthCheck']) {
  if (healthPath !== undefined) {
    urlPath(`${option}.healthPath`, healthPath);
    return whole === false ? {} : { healthCheck: { path: healthPath } };
  }
  return whole && whole.path !== undefined ? {} : { healthCheck: false as const };
}

/** Nine tenths of the container: the rest is for what is not heap, stacks and code. */
function heapIn(memory: Bytes): Bytes {
  return `${Math.floor((bytes('memory', memory) * 0.9) / 1_024)}KiB`;
}

/**
 * In a pod the API is away while it is replaced. Requests wait for it by being tried again, only while nothing listens;
 * the end is that of `timeouts.request`.
 */
const UNTIL_IT_IS_BACK = { attempts: 100, backOff: '100ms', maxBackOff: '500ms', onIdempotent: [] } as const;
