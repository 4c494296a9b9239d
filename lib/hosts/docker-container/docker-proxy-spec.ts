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
import { withHealthPath } from '../../upstream/resolve-health-check';
import { commonHealthPath, resolveFurtherUpstream, resolveUpstream } from '../../upstream/resolve-upstreams';
import type { IUpstream } from '../../upstream/upstream';

type SidecarOptions = Omit<EnvoyOptions, 'upstream' | 'upstreams'> &
  RunOptions & {
    readonly upstreams?: Readonly<Record<string, OneOrMore<IUpstream>>>;
  };

/** Measured with Envoy 1.39 and two workers: 12 MiB do not suffice to start, 16 MiB not for the health check, 24 MiB serve. */
const MIN_MEMORY = '32MiB';

/** The proxy spec for a container without root, with this much memory, in front of this upstream. */
export function dockerProxySpec(
  options: SidecarOptions,
  upstream: OneOrMore<IUpstream>,
  memory: Bytes,
  inPod: boolean,
  reference?: WriteReference,
): ProxySpec {
  const { limits, image } = options;
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
  const healthPath = commonHealthPath('upstream', upstream, options.healthCheck);
  const envoy = {
    ...options,
    ...withDockerDefaults(options, memory, inPod, healthPath),
    upstream: resolveUpstream('upstream', upstream, inPod),
    upstreams: Object.fromEntries(
      Object.entries(options.upstreams ?? {}).map(([name, further]) => [
        name,
        resolveFurtherUpstream(`upstreams.${name}`, further, options.healthCheck),
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

/** The options of the features whose defaults depend on the container, unless they are off. */
function withDockerDefaults(
  { limits, retries, discovery, healthCheck, baseConfig }: SidecarOptions,
  memory: Bytes,
  inPod: boolean,
  healthPath: string | undefined,
): Partial<SidecarOptions> {
  // With a `baseConfig`, a feature is off unless the user sets it.
  const isOn = (options: object | false | undefined) =>
    options !== false && (options !== undefined || baseConfig === undefined);
  const check = isOn(healthCheck) ? withHealthPath(healthCheck, healthPath) : healthCheck;
  return {
    ...(isOn(limits) && { limits: { ...memoryLimits(memory), ...limits } }),
    ...(check !== undefined && { healthCheck: check }),
    ...(inPod && isOn(retries) && { retries: { ...POD_RETRIES, ...retries } }),
    // In a pod Envoy finds the API by its address, even with discovery off.
    ...(inPod && isOn(discovery || undefined) && { discovery: { ...discovery, type: 'STATIC' } }),
  };
}

/**
 * Limits that leave room for memory that Envoy does not count as heap: stacks, code, the kernel's share, and everything that it
 * reads between two measurements. In the worst case, that is the buffers of all connections at once.
 */
function memoryLimits(memory: Bytes) {
  const kib = bytes('memory', memory) / 1_024;
  return {
    maxHeapSize: `${Math.floor(kib * 0.6)}KiB` as const,
    maxConnections: Math.min(8_192, Math.floor(kib / 128)),
  };
}

/**
 * In a pod the API is unavailable while Terraform replaces it. Envoy retries a request as long as nothing listens, until
 * `timeouts.request` ends it.
 */
const POD_RETRIES = {
  numRetries: 100,
  backOff: { baseInterval: '100ms', maxInterval: '500ms' },
  retryOnIdempotent: [],
} as const;
