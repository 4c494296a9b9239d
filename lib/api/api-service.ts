import {
  assertOptions,
  port as checkedPort,
  integer,
  invalidOption,
  keysOf,
  oneOf,
  refuseUnknown,
  urlPath,
  wholeSeconds,
} from '../../envoy/host-api';
import { Annotations, Construct, Container, type ContainerConfig, Image } from '../cdk';
import { LOG_ROTATION, toCpuLimit, toDockerDuration, toMemoryLimit, toWaitSeconds } from '../docker/container-settings';
import { claimName, toLabels } from '../docker/docker-names';
import type { IDockerNetwork } from '../docker/docker-network';
import { Revision, type Rollout } from '../docker/revision';
import { LIB_OPTIONS } from '../option-shapes';
import { assertToolkit } from '../terraform/assert-toolkit';
import { withConstructPath } from '../terraform/construct-path';
import { allowDockerProvider4 } from '../terraform/docker-provider-version';
import { escapeKeys, escapeText } from '../terraform/escape';
import { dependOnStackOf } from '../terraform/stack-dependency';
import type { IUpstream } from '../upstream/upstream';
import { readContainerFiles } from './container-files';
import { toEnv, toVolumes } from './env-and-volumes';
import { assertHealthcheck, createHealthcheck } from './healthcheck';
import type { ApiServiceProps } from './props';

const NO_HEALTH_PATH_WARNING =
  'healthPath is not set: a new version counts as healthy as soon as its container runs, so a deploy may lose requests and ' +
  "replace an API that works by one that does not. Write healthPath: '/health', or false if the API has none.";

/**
 * An API in containers that nothing but its network can reach.
 *
 * @see https://registry.terraform.io/providers/kreuzwerker/docker/latest/docs/resources/container
 */
@withConstructPath
export class ApiService extends Construct implements IUpstream {
  public readonly name: string;
  public readonly port: number;
  public readonly network: IDockerNetwork;
  public readonly healthPath?: string;
  public readonly rollout: Rollout;
  public readonly containers: readonly Container[];
  private readonly revision: Revision;

  constructor(scope: Construct, id: string, props: ApiServiceProps) {
    super(scope, id);
    assertOptions(LIB_OPTIONS.ApiServiceProps, props, LIB_OPTIONS);
    const {
      image,
      port,
      network,
      name,
      keepImageLocally = true,
      command,
      entrypoint,
      env = {},
      files = {},
      healthPath,
      healthcheck,
      readyTimeout = '60s',
      volumes = {},
      user,
      memory,
      cpus,
      restart = 'unless-stopped',
      replicas = 1,
      stopGracePeriod = '30s',
      rollout = 'rolling',
      labels: ownLabels,
      ...unknown
    } = props;
    refuseUnknown('', unknown, keysOf);
    if (image === '') {
      invalidOption('image', 'must name an image', image, "write for example 'my-api:1.0'");
    }
    assertToolkit(this);
    dependOnStackOf(this, 'network', network);
    this.name = claimName(this, name);
    this.port = checkedPort('port', port);
    this.network = network;
    this.rollout = oneOf('rollout', rollout, ['rolling', 'recreate']);
    if (typeof healthPath === 'string') {
      this.healthPath = urlPath('healthPath', healthPath);
    } else if (healthPath === undefined && healthcheck === undefined) {
      Annotations.of(this).addWarning(NO_HEALTH_PATH_WARNING);
    }
    oneOf('restart', restart, ['no', 'on-failure', 'always', 'unless-stopped']);
    const waitTimeout = toWaitSeconds('readyTimeout', readyTimeout);
    const contents = readContainerFiles('files', files);
    const asked = this.healthPath === undefined ? undefined : createHealthcheck(port, this.healthPath);
    const test = healthcheck === undefined ? asked : assertHealthcheck(healthcheck);
    const stopSeconds = wholeSeconds('stopGracePeriod', stopGracePeriod);
    const pulled = new Image(this, 'image', { name: escapeText(image), keepLocally: keepImageLocally });
    allowDockerProvider4(pulled);

    const settings = {
      image: pulled.imageId,
      ...(command && { command: command.map(escapeText) }),
      ...(entrypoint && { entrypoint: entrypoint.map(escapeText) }),
      ...(user !== undefined && { user: escapeText(user) }),
      ...(cpus !== undefined && { cpus: toCpuLimit('cpus', cpus) }),
      env: toEnv(env),
      volumes: toVolumes(volumes),
      networksAdvanced: [{ name: network.networkId, aliases: [this.name] }],
      labels: toLabels(this.name, 'api', ownLabels),
      stopTimeout: stopSeconds,
      ...(test && {
        healthcheck: {
          test: test.map(escapeText),
          interval: toDockerDuration(2_000),
          timeout: toDockerDuration(15_000),
          startPeriod: '0s',
          retries: 3,
        },
      }),
      ...LOG_ROTATION,
    } satisfies Partial<ContainerConfig>;
    this.revision = new Revision(this, 'revision', { ...settings, files: escapeKeys(contents) }, rollout);
    this.containers = Array.from(
      { length: integer('replicas', replicas, 1, 100) },
      (_, index) =>
        new Container(this, index === 0 ? 'Default' : `replica-${index + 1}`, {
          ...settings,
          name: `${this.revision.name(this.name)}-${index + 1}`,
          ...(memory !== undefined && toMemoryLimit('memory', memory)),
          restart,
          upload: Object.entries(contents).map(([file, content]) =>
            'content' in content
              ? { file: escapeText(file), content: this.revision.setting('files', file, 'content') }
              : { file: escapeText(file), ...content },
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
  public joinPod(podHolder: Container): void {
    if (this.containers.length > 1) {
      invalidOption(
        'replicas',
        "must be 1 with the sidecar's isolation: 'pod', where all share one address",
        this.containers.length,
        "leave it out, or use isolation: 'network'",
      );
    }
    this.revision.recreate('in a pod');
    for (const container of this.containers) {
      container.resetNetworksAdvanced();
      container.networkMode = `container:${podHolder.id}`;
      container.lifecycle = { createBeforeDestroy: false };
      // Lets the health check end an API that was left in a dead namespace, whatever its image runs as process 1.
      container.init = true;
    }
  }
}
