import { type Bytes, type GlobalLimits, type GlobalRateLimitOptions, toYaml } from '../../envoy';
import { assertOptions, bytes, globalLimits, invalidOption, refuseUnknown, serviceConfig } from '../../envoy/host-api';
import { Construct, Container, type ContainerConfig, Image, Network, Volume } from '../cdk';
import { HARDENED_SETTINGS, LOG_ROTATION, toDockerDuration, toMemoryLimit } from '../docker/container-settings';
import { claimName, toLabels } from '../docker/docker-names';
import type { IDockerNetwork } from '../docker/docker-network';
import { Revision } from '../docker/revision';
import { LIB_OPTIONS } from '../option-shapes';
import { assertToolkit } from '../terraform/assert-toolkit';
import { withConstructPath } from '../terraform/construct-path';
import { allowDockerProvider4 } from '../terraform/docker-provider-version';
import { escapeText } from '../terraform/escape';
import { dependOnStackOf } from '../terraform/stack-dependency';
import { delayRemoval } from './delayed-removal';
import { createLimitsInitContainer, LIMITS_FOLDER } from './limits-init-container';
import { toRedisArguments, toServiceEnv } from './rate-limit-service';

export interface GlobalRateLimitProps {
  /** The network that the service shares with the sidecars. Any container on it can count requests for any client. The service publishes no port. */
  readonly network: IDockerNetwork;
  /**
   * The rates, for all sidecars together.
   *
   * @example { all: '1000/s' }
   */
  readonly limits: GlobalLimits;
  /**
   * The host name on the network, and the beginning of the containers' names. Must be unique in the stack.
   *
   * @default - the path of the construct, including the stack
   */
  readonly name?: string;
  /**
   * The image of the service. It has no versions, only commits.
   *
   * @see https://github.com/envoyproxy/ratelimit
   * @default 'envoyproxy/ratelimit:3fb70258', of January 2026, that Envoy Gateway 1.7 runs as well
   */
  readonly image?: string;
  /**
   * The image of Redis 7 or later, or of a compatible server. It needs `redis-server`, `redis-cli`, `mv` and `sleep`.
   *
   * @default 'redis:7.2-alpine', the last under the BSD licence
   */
  readonly redisImage?: string;
  /**
   * Maximum memory of the service.
   *
   * @default '128MiB'
   */
  readonly memory?: Bytes;
  /**
   * Maximum memory of Redis. Three quarters of it hold the counts of each client and window. When they are full, Redis evicts the
   * counts whose window ends first.
   *
   * @default '128MiB'
   */
  readonly redisMemory?: Bytes;
  /**
   * Labels of the containers, in addition to those for their name and role.
   *
   * @default - none
   */
  readonly labels?: Readonly<Record<string, string>>;
}

const PORT = 8_081;
const DOMAIN = 'sidecars';
const STOP_SECONDS = 10;

/** What both containers are: nobody, with a file system that stays as it is. */
const CONTAINER_SETTINGS = {
  ...HARDENED_SETTINGS,
  ...LOG_ROTATION,
  user: '65532:65532',
  readOnly: true,
  restart: 'unless-stopped',
  stopTimeout: STOP_SECONDS,
  destroyGraceSeconds: STOP_SECONDS,
} satisfies Partial<ContainerConfig>;

/**
 * A rate limit that several sidecars share: the service `envoyproxy/ratelimit`, and the Redis that it counts in, on a network of
 * their own, without a password since nobody else is on it. Write for each sidecar
 * `globalRateLimit: { ...limits.options, failureMode: 'deny' }`, or `'allow'`.
 *
 * Changed rates are read by the service that runs, and the counts go on. A limit that is added holds once the service has read
 * it, which may be some seconds after the sidecars ask for it: until then it lets pass. Another image of the service runs for five
 * seconds beside the old one, in which sidecars find it; then the old one goes. A new Redis, with other labels, memory or another
 * image, counts anew, and while the two change places the service is unavailable for a moment.
 */
@withConstructPath
export class GlobalRateLimit extends Construct {
  public readonly name: string;
  /** For `globalRateLimit` of each sidecar, with the `failureMode` of its choice. */
  public readonly options: Omit<GlobalRateLimitOptions, 'failureMode'>;
  /** The container of the service. */
  public readonly container: Container;
  /** The container of Redis. */
  public readonly redis: Container;

  constructor(scope: Construct, id: string, props: GlobalRateLimitProps) {
    super(scope, id);
    assertOptions(LIB_OPTIONS.GlobalRateLimitProps, props, LIB_OPTIONS);
    const {
      network,
      limits,
      name,
      image = 'envoyproxy/ratelimit:3fb70258',
      redisImage = 'redis:7.2-alpine',
      memory = '128MiB',
      redisMemory = '128MiB',
      labels: ownLabels,
      ...unknown
    } = props;
    refuseUnknown('', unknown);
    for (const [option, value] of Object.entries({ image, redisImage })) {
      if (value === '') {
        invalidOption(option, 'must name an image', value, 'leave it out');
      }
    }
    assertToolkit(this);
    dependOnStackOf(this, 'network', network);
    this.name = claimName(this, name);
    const config = toYaml(serviceConfig(DOMAIN, globalLimits('limits', limits)));
    this.options = { service: { host: this.name, port: PORT }, domain: DOMAIN, limits };
    const ofRedis = toMemoryLimit('redisMemory', redisMemory);
    const ofService = toMemoryLimit('memory', memory);

    const redisName = `${this.name}-redis`;
    const between = new Network(this, 'network', { name: redisName, internal: true });
    allowDockerProvider4(between);
    const imageOfRedis = new Image(this, 'redis-image', { name: escapeText(redisImage), keepLocally: true }).imageId;
    const redisSettings = {
      ...CONTAINER_SETTINGS,
      image: imageOfRedis,
      entrypoint: ['redis-server'],
      command: toRedisArguments('redisMemory', `${Math.floor((bytes('redisMemory', redisMemory) * 0.75) / 1_024)}KiB`),
      networksAdvanced: [{ name: between.id, aliases: [redisName] }],
      healthcheck: {
        test: ['CMD', 'redis-cli', 'ping'],
        interval: toDockerDuration(2_000),
        timeout: toDockerDuration(5_000),
        startPeriod: '0s',
        retries: 3,
      },
      labels: toLabels(this.name, 'redis', ownLabels),
    } satisfies Partial<ContainerConfig>;
    const redisRevision = new Revision(this, 'redis-revision', redisSettings, 'rolling');
    this.redis = new Container(this, 'redis', {
      ...redisSettings,
      ...ofRedis,
      name: redisRevision.name(redisName),
      wait: true,
      waitTimeout: 60,
      lifecycle: { createBeforeDestroy: true },
    });

    const settings = {
      ...CONTAINER_SETTINGS,
      image: new Image(this, 'image', { name: escapeText(image), keepLocally: true }).imageId,
      entrypoint: ['/bin/ratelimit'],
      env: Object.entries(toServiceEnv({ redis: `${redisName}:6379`, folder: LIMITS_FOLDER, port: PORT })).map(
        ([key, value]) => `${key}=${value}`,
      ),
      networksAdvanced: [{ name: network.networkId, aliases: [this.name] }, { name: between.id }],
      labels: toLabels(this.name, 'rate-limit', ownLabels),
    } satisfies Partial<ContainerConfig>;
    const volume = new Volume(this, 'volume', {
      name: `${this.name}-limits`,
      lifecycle: { createBeforeDestroy: true },
    });
    const initContainer = createLimitsInitContainer(this, this.name, {
      image: imageOfRedis,
      config,
      volumeName: volume.name,
    });
    const revision = new Revision(this, 'revision', settings, 'rolling');
    this.container = new Container(this, 'Default', {
      ...settings,
      ...ofService,
      name: revision.name(this.name),
      volumes: [{ volumeName: volume.name, containerPath: LIMITS_FOLDER, readOnly: true }],
      // It ends at once where there is no Redis.
      dependsOn: [initContainer, this.redis],
      lifecycle: { createBeforeDestroy: true },
    });
    delayRemoval(this, this.name, { replacement: this.container, image: imageOfRedis });
  }
}
