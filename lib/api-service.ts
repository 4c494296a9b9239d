import {
  type Bytes,
  port as checkedPort,
  type Duration,
  fail,
  integer,
  oneOf,
  refuseUnknown,
  urlPath,
  wholeSeconds,
} from '../envoy/values';
import { type ApiFile, readFiles } from './api-files';
import { apiHealthTest } from './api-health';
import { Construct, Container, type ContainerConfig, Image } from './cdk';
import { cpuLimit, dockerDuration, LOG_ROTATION, memoryLimit } from './container';
import type { IDockerNetwork } from './docker-network';
import { Generation, type Rollout } from './generation';
import { dockerName, labels, nameOf } from './names';
import { allowDockerProvider4 } from './provider';
import { terraformKeys, terraformText } from './terraform-text';
import type { IUpstream } from './upstream';

export interface ApiServiceProps {
  /** The image, best by its digest: `repository@sha256:…`. Taken from the host if it is there, else pulled. */
  readonly image: string;
  /** The port on which the API listens inside its container. */
  readonly port: number;
  /** The network on which its sidecar finds it. It publishes no port: the sidecar is the only way in. */
  readonly network: IDockerNetwork;
  /**
   * The name of its containers, to which a generation and a number are added, and the host name of all of them together.
   *
   * @default - the construct's path, stack and all
   */
  readonly name?: string;
  /**
   * Whether the image stays on the host when it isn't used any more.
   *
   * @default true, since other stacks may use it and pulling it again takes time
   */
  readonly keepImage?: boolean;
  /**
   * What runs in place of the image's command.
   *
   * @default - the image's own
   */
  readonly command?: readonly string[];
  /**
   * What runs in place of the image's entry point.
   *
   * @default - the image's own
   */
  readonly entrypoint?: readonly string[];
  /**
   * Environment variables. What is secret here can be seen with `docker inspect` and in Terraform's state.
   *
   * @default - none
   */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Files by their paths inside the container: `{ '/app/api.py': { source: 'api.py' } }`.
   *
   * @default - none
   */
  readonly files?: Readonly<Record<string, ApiFile>>;
  /**
   * The path that answers 200 as long as the API is well. With one, a rollout waits for it, and Envoy checks it.
   *
   * @default - none: a new generation counts as healthy once it runs, so a rollout may lose requests
   */
  readonly healthPath?: string;
  /**
   * The check that Docker runs in the container, as in `HEALTHCHECK`, for images that have no curl, wget, bash,
   * python3 or node. It should fail for the first three seconds in which the API answers, so that Envoy knows a new
   * replica before the old one goes.
   *
   * @see https://docs.docker.com/reference/dockerfile/#healthcheck
   * @default - asks `healthPath`, twice within three seconds
   */
  readonly healthTest?: readonly string[];
  /**
   * How long a new generation may take to be healthy; then the deploy fails and the old one stays.
   *
   * @default '60s'
   */
  readonly healthTimeout?: Duration;
  /**
   * Folders that outlive a generation, by their paths inside: a volume's name, or a folder of the host with `/` first.
   *
   * @default - none
   */
  readonly volumes?: Readonly<Record<string, string>>;
  /**
   * The user, or `user:group`, that it runs as.
   *
   * @default - the image's own
   */
  readonly user?: string;
  /**
   * Memory of each replica, swap included.
   *
   * @default - no limit
   */
  readonly memory?: Bytes;
  /**
   * Cores for each replica, as 0.5.
   *
   * @default - no limit
   */
  readonly cpus?: number;
  /**
   * When Docker starts a container again that ended.
   *
   * @see https://docs.docker.com/engine/containers/start-containers-automatically/
   * @default 'unless-stopped', so also after the engine was restarted
   */
  readonly restart?: 'no' | 'on-failure' | 'always' | 'unless-stopped';
  /**
   * Containers that serve side by side.
   *
   * @default 1
   */
  readonly replicas?: number;
  /**
   * How long the API may take to end after SIGTERM, to answer what it has begun.
   *
   * @default '30s'
   */
  readonly stopGrace?: Duration;
  /**
   * How a change is made. `recreate` is for an API that must not run twice.
   *
   * @default 'rolling': the new generation is healthy before the old one goes
   */
  readonly rollout?: Rollout;
  /**
   * Labels of its containers, beside those that tell its name and role.
   *
   * @default - none
   */
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * An API in containers that nothing but its network can reach.
 *
 * @see https://registry.terraform.io/providers/kreuzwerker/docker/latest/docs/resources/container
 */
export class ApiService extends Construct implements IUpstream {
  public readonly name: string;
  public readonly port: number;
  public readonly network: IDockerNetwork;
  public readonly healthPath?: string;
  public readonly rollout: Rollout;
  public readonly containers: readonly Container[];
  private readonly generation: Generation;

  constructor(scope: Construct, id: string, props: ApiServiceProps) {
    super(scope, id);
    const {
      image,
      port,
      network,
      name,
      keepImage = true,
      command,
      entrypoint,
      env = {},
      files = {},
      healthPath,
      healthTest,
      ...more
    } = props;
    const {
      healthTimeout = '60s',
      volumes = {},
      user,
      memory,
      cpus,
      restart = 'unless-stopped',
      replicas = 1,
      stopGrace = '30s',
      ...last
    } = more;
    const { rollout = 'rolling', labels: ownLabels, ...unknown } = last;
    refuseUnknown('', unknown);
    if (image === '') {
      fail('image', 'must name an image', image, "write for example 'my-api:1.0'");
    }
    allowDockerProvider4(this);
    this.name = nameOf(this, name);
    this.port = checkedPort('port', port);
    this.network = network;
    this.rollout = oneOf('rollout', rollout, ['rolling', 'recreate']);
    if (healthPath !== undefined) {
      this.healthPath = urlPath('healthPath', healthPath);
    }
    oneOf('restart', restart, ['no', 'on-failure', 'always', 'unless-stopped']);
    const waitTimeout = wholeSeconds('healthTimeout', healthTimeout);
    for (const variable of Object.keys(env)) {
      if (!/^[^=\0]+$/.test(variable)) {
        fail('env', 'must have names that are not empty and hold no `=`', variable, "write for example 'LOG_LEVEL'");
      }
    }
    for (const path of Object.keys(volumes)) {
      if (!path.startsWith('/')) {
        fail(
          `volumes[${JSON.stringify(path)}]`,
          'must be an absolute path inside the container',
          path,
          "write for example '/data'",
        );
      }
    }
    const contents = readFiles('files', files);
    const test = healthTest ?? (healthPath === undefined ? undefined : apiHealthTest(port, healthPath));
    const stopSeconds = wholeSeconds('stopGrace', stopGrace);
    const pulled = new Image(this, 'image', { name: terraformText(image), keepLocally: keepImage });

    const settings = {
      image: pulled.imageId,
      ...(command && { command: command.map(terraformText) }),
      ...(entrypoint && { entrypoint: entrypoint.map(terraformText) }),
      ...(user !== undefined && { user: terraformText(user) }),
      ...(cpus !== undefined && { cpus: cpuLimit('cpus', cpus) }),
      env: Object.entries(env).map(([key, value]) => terraformText(`${key}=${value}`)),
      volumes: Object.entries(volumes).map(([containerPath, from]) => ({
        containerPath: terraformText(containerPath),
        ...(from.startsWith('/') ? { hostPath: terraformText(from) } : { volumeName: dockerName('volumes', from) }),
      })),
      networksAdvanced: [{ name: network.networkId, aliases: [this.name] }],
      labels: labels(this.name, 'api', ownLabels),
      stopTimeout: stopSeconds,
      ...(test && {
        healthcheck: {
          test: test.map(terraformText),
          interval: dockerDuration(2_000),
          timeout: dockerDuration(15_000),
          startPeriod: '0s',
          retries: 3,
        },
      }),
      ...LOG_ROTATION,
    } satisfies Partial<ContainerConfig>;
    this.generation = new Generation(this, 'generation', { ...settings, files: terraformKeys(contents) }, rollout);
    this.containers = Array.from(
      { length: integer('replicas', replicas, 1, 100) },
      (_, index) =>
        new Container(this, index === 0 ? 'Default' : `replica-${index + 1}`, {
          ...settings,
          name: `${this.generation.name(this.name)}-${index + 1}`,
          ...(memory !== undefined && memoryLimit('memory', memory)),
          restart,
          upload: Object.entries(contents).map(([file, content]) =>
            'content' in content
              ? { file: terraformText(file), content: this.generation.setting('files', file, 'content') }
              : { file: terraformText(file), ...content },
          ),
          destroyGraceSeconds: stopSeconds,
          ...(test && { wait: true, waitTimeout }),
          lifecycle: { createBeforeDestroy: rollout === 'rolling' },
        }),
    );
  }

  /** The name of all its replicas together, on its network. */
  public get host(): string {
    return this.name;
  }

  public get replicas(): number {
    return this.containers.length;
  }

  public get dependsOn(): readonly Container[] {
    return this.containers;
  }

  /** Called by a sidecar with `isolation: 'pod'`. There is one loopback address for one API, so the old one goes first. */
  public joinPod(holder: Container): void {
    if (this.containers.length > 1) {
      fail(
        'replicas',
        "must be 1 with the sidecar's isolation: 'pod', where all share one address",
        this.containers.length,
        "leave it out, or use isolation: 'network'",
      );
    }
    this.generation.recreate('in a pod');
    for (const container of this.containers) {
      container.resetNetworksAdvanced();
      container.networkMode = `container:${holder.id}`;
      container.lifecycle = { createBeforeDestroy: false };
      // Lets the health check end an API that was left in a dead namespace, whatever its image runs as process 1.
      container.init = true;
    }
  }
}
