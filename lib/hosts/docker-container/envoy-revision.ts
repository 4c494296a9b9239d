import type { Bytes, Duration, ProxySpec } from '../../../envoy';
import { ADMIN_ADDRESS, CONFIG_FILE, CONFIG_FOLDER, isReference } from '../../../envoy/host-api';
import {
  Construct,
  Container,
  type ContainerConfig,
  Fn,
  type ITerraformDependable,
  TerraformLocal,
  Volume,
} from '../../cdk';
import {
  HARDENED_SETTINGS,
  LOG_ROTATION,
  oneShot,
  toCpuLimit,
  toDockerDuration,
  toMemoryLimit,
  toWaitSeconds,
} from '../../docker/container-settings';
import { toLabels } from '../../docker/docker-names';
import { type PublishedPort, toPorts } from '../../docker/published-ports';
import { Revision } from '../../docker/revision';
import type { Mount } from '../../docker/volumes';
import { STANDBY_FOLDER } from '../../docker/volumes';
import { escapeText } from '../../terraform/escape';
import { IN_FLIGHT_SECONDS, INIT_SCRIPT, READY_SCRIPT, RUN_SCRIPT, toScripts } from '../entrypoint/scripts';
import { PodHolder } from './pod-holder';

export interface EnvoyRevisionProps {
  readonly name: string;
  readonly spec: ProxySpec;
  readonly image: string;
  /** The pod holder to join. Without one, the ports and networks of the container itself. */
  readonly host: PodHolder | { readonly ports: readonly PublishedPort[]; readonly networkIds: readonly string[] };
  readonly startsAfter: readonly ITerraformDependable[];
  /** What Envoy reads beside its own files. */
  readonly folders: readonly Mount[];
  readonly memory: Bytes;
  readonly cpus: number | undefined;
  readonly readyTimeout: Duration;
  readonly labels: Readonly<Record<string, string>> | undefined;
}

/**
 * One revision of Envoy: a volume, the init container that fills it and lets Envoy check it, and the container that Envoy runs in.
 *
 * The init container is what reaches a remote Docker host and a read-only root file system alike, with all that Terraform only
 * knows when it applies. It runs once, before anything is replaced. See docs/decisions/0002-init-container-validates.md.
 */
export class EnvoyRevision extends Construct {
  public readonly container: Container;

  constructor(scope: Construct, id: string, props: EnvoyRevisionProps) {
    super(scope, id);
    const { name, spec, image, host, startsAfter, folders, memory, cpus, readyTimeout } = props;
    const podHolder = host instanceof PodHolder ? host : undefined;
    const rollout = podHolder ? 'rolling' : 'recreate';
    const stopSeconds = spec.drainSeconds + IN_FLIGHT_SECONDS + 5;
    const files = Object.fromEntries(
      [...spec.files, ...toScripts(spec)].map((file, index) => {
        const text = escapeText(file.content);
        // In a local value, as the toolkit doesn't escape arguments of functions.
        const hidden = () => Fn.sensitive(new TerraformLocal(this, `secret-${index}`, text).asString);
        return [file.path, file.sensitive ? hidden() : text];
      }),
    );
    const args = spec.args.map(escapeText);
    const settings = {
      image,
      user: '101:101',
      ...(cpus !== undefined && { cpus: toCpuLimit('cpus', cpus) }),
      ...HARDENED_SETTINGS,
      ...LOG_ROTATION,
      stopTimeout: stopSeconds,
    } satisfies Partial<ContainerConfig>;
    const sidecarLabels = toLabels(name, 'sidecar', props.labels);
    const revision = new Revision(
      this,
      'revision',
      {
        files,
        args,
        ...settings,
        labels: sidecarLabels,
        ...(podHolder && { podHolder: podHolder.id }),
        ...(folders.length > 0 && { volumes: folders }),
      },
      rollout,
    );
    const lifecycle = { createBeforeDestroy: rollout === 'rolling' };
    // Several revisions in one namespace: each has its admin interface at an address of its own.
    const admin = podHolder ? revision.loopbackAddress() : ADMIN_ADDRESS;
    const content = (path: string): string => {
      const text = revision.setting('files', path);
      // The plan shows the text once, where it is a setting of the revision.
      return Fn.sensitive(path === CONFIG_FILE && podHolder ? Fn.replace(text, ADMIN_ADDRESS, admin) : text);
    };

    const volume = new Volume(this, 'volume', { name: revision.name(name), lifecycle });
    const initContainer = new Container(this, 'init', {
      ...settings,
      ...toMemoryLimit('memory', memory),
      name: revision.name(`${name}-init`),
      labels: toLabels(name, 'init'),
      entrypoint: ['bash', INIT_SCRIPT],
      command: [podHolder ? podHolder.hostName : '-', admin, ...args],
      ...(podHolder ? { networksAdvanced: [{ name: podHolder.networkId }] } : { networkMode: 'none' }),
      volumes: [
        { volumeName: volume.name, containerPath: CONFIG_FOLDER },
        ...(podHolder ? [{ volumeName: podHolder.standbyVolume.name, containerPath: STANDBY_FOLDER }] : []),
        ...folders,
      ],
      // Root that may become another and nothing else: the owner of the files that it fills the volumes with.
      user: '0:0',
      capabilities: { ...HARDENED_SETTINGS.capabilities, add: ['CAP_SETGID', 'CAP_SETUID'] },
      upload: Object.keys(files).map((file) => ({ file, content: content(file) })),
      restart: 'no',
      ...oneShot(startFailureMessage(name, Object.values(files)), lifecycle.createBeforeDestroy),
    });
    this.container = new Container(this, 'Default', {
      ...settings,
      ...toMemoryLimit('memory', memory),
      name: revision.name(name),
      labels: sidecarLabels,
      entrypoint: ['bash', RUN_SCRIPT],
      command: [admin, String(spec.admin.port), String(spec.drainSeconds), String(IN_FLIGHT_SECONDS), ...args],
      readOnly: true,
      volumes: [{ volumeName: volume.name, containerPath: CONFIG_FOLDER, readOnly: true }, ...folders],
      ...(host instanceof PodHolder
        ? { networkMode: `container:${name}` }
        : {
            ports: toPorts(host.ports),
            networksAdvanced: host.networkIds.map((id) => ({ name: id, aliases: [name] })),
          }),
      restart: 'unless-stopped',
      destroyGraceSeconds: stopSeconds,
      healthcheck: {
        test: ['CMD', 'bash', READY_SCRIPT, admin, String(spec.admin.port)],
        interval: toDockerDuration(2_000),
        timeout: toDockerDuration(2_000),
        startPeriod: '0s',
        retries: 3,
      },
      wait: true,
      waitTimeout: toWaitSeconds('readyTimeout', readyTimeout),
      dependsOn: [initContainer, ...startsAfter],
      lifecycle: {
        ...lifecycle,
        // Docker writes the pod holder's id in place of its name.
        ...(podHolder && { ignoreChanges: ['network_mode'] }),
      },
    });
  }
}

/**
 * What is said when Envoy refuses its configuration: its own words, unless they may hold a secret. Terraform can't tell, as
 * sensitivity does not go through a container's logs, and prints them itself beside a message that it keeps back.
 */
function startFailureMessage(name: string, texts: readonly string[]): string {
  const words = texts.some(isReference)
    ? 'Its files have references, so the reason is not shown here: docker logs ${self.name}'
    : '${self.name} says:\n${self.container_logs}';
  return `The new revision of ${name} does not start, and what ran goes on. ${words}`;
}
