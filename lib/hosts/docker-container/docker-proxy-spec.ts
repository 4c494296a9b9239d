import {
  type Bytes,
  type EnvoyOptions,
  type OneOrMore,
  type ProxySpec,
  proxySpec,
  type RunOptions,
  type WriteReference,
} from '../../../envoy';
import { bytes, DEFAULT_IMAGE, invalidOption, membersOf, portOption } from '../../../envoy/host-api';
import { asksOtherwise, further, healthPathOf, places } from '../../upstream/resolve-upstreams';
import type { IUpstream } from '../../upstream/upstream';

type SidecarOptions = Omit<EnvoyOptions, 'upstream' | 'upstreams'> &
  RunOptions & {
    readonly upstreams?: Readonly<Record<string, OneOrMore<IUpstream>>>;
  };

/** Measured with Envoy 1.39 and two workers: killed as it starts with 12 MiB, by its health check with 16, served with 24. */
const MIN_MEMORY = '32MiB';

/** The proxy before this upstream, in a container of this size that isn't root. */
export function dockerProxySpec(
  options: SidecarOptions,
  upstream: OneOrMore<IUpstream>,
  memory: Bytes,
  inPod: boolean,
  reference?: WriteReference,
): ProxySpec {
  const { limits, retries, discovery, healthCheck, image } = options;
  if (image !== undefined && /distroless/i.test(image)) {
    const remedy = `choose '${DEFAULT_IMAGE}', or an image of your own with bash`;
    invalidOption('image', 'must have bash, by which the sidecar starts and drains Envoy', image, remedy);
  }
  if (bytes('memory', memory) < bytes('memory', MIN_MEMORY)) {
    invalidOption('memory', `must be ${MIN_MEMORY} at least, or Envoy is killed as it starts`, memory, 'leave it out');
  }
  if (
    limits &&
    limits.maxHeapSize !== undefined &&
    bytes('limits.maxHeapSize', limits.maxHeapSize) >= bytes('memory', memory)
  ) {
    invalidOption(
      'limits.maxHeapSize',
      `must be less than memory ('${memory}'), or the container is killed before Envoy defends itself`,
      limits.maxHeapSize,
      'leave it out',
    );
  }
  const healthPath = healthPathOf('upstream', upstream, healthCheck);
  // Before a configuration of the user's own, a feature is on where it is asked for.
  const isOn = (feature: object | false | undefined) =>
    feature !== false && (feature !== undefined || options.base === undefined);
  const envoy = {
    ...options,
    ...(isOn(limits) && { limits: { ...defaultLimits(memory), ...limits } }),
    // Its address is all there is to find, also with discovery off.
    ...(inPod && isOn(discovery || undefined) && { discovery: { ...discovery, type: 'STATIC' as const } }),
    ...(inPod && isOn(retries) && { retries: { ...POD_RETRIES, ...retries } }),
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
    const option = portOption(name);
    if (port < 1_024) {
      invalidOption(
        option,
        'must be 1024 or above, since the container is not root',
        port,
        `leave it, and publish it as ${port}: publish: { ${name}: { port: ${port} } }`,
      );
    }
    if (inPod && membersOf('upstream', upstream).some(({ service }) => service.port === port)) {
      invalidOption(option, 'is that of the API in the same pod', port, 'give it another');
    }
  }
  return spec;
}

/**
 * What leaves room for all that isn't counted when Envoy looks how full its heap is: what it reads until it looks again, at
 * worst the buffers of all connections in one go, then stacks, code and the kernel's share.
 */
function defaultLimits(memory: Bytes) {
  const kib = bytes('memory', memory) / 1_024;
  return {
    maxHeapSize: `${Math.floor(kib * 0.6)}KiB` as const,
    maxConnections: Math.min(8_192, Math.floor(kib / 128)),
  };
}

/**
 * In a pod the API is away while it is replaced. Requests wait for it by being tried again, only while nothing listens;
 * the end is that of `timeouts.request`.
 */
const POD_RETRIES = { numRetries: 100, backOff: '100ms', maxBackOff: '500ms', retryOnIdempotent: [] } as const;
