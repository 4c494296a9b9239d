import type { Bytes } from '../../../envoy';
import { CONFIG_FOLDER } from '../../../envoy/host-api';
import { Construct, Container, Volume } from '../../cdk';
import { HARDENED_SETTINGS, LOG_ROTATION, toMemoryLimit } from '../../docker/container-settings';
import { toLabels } from '../../docker/docker-names';
import { type PublishedPort, toPorts } from '../../docker/published-ports';
import type { Mount } from '../../docker/volumes';
import { escapeText } from '../../terraform/escape';
import { TerraformData } from '../../terraform/terraform-data';
import { HOLDER_COMMAND } from '../entrypoint/scripts';

export interface PodHolderProps {
  readonly name: string;
  /** Applies when the pod holder is created. A later change of the image leaves it as it is. */
  readonly image: string;
  readonly networkIds: readonly string[];
  readonly ports: readonly PublishedPort[];
  readonly migrateConnections: boolean;
  readonly memory: Bytes;
  /** The folders that Envoy reads. The standby reads them too. */
  readonly folders: readonly Mount[];
}

/**
 * The container that owns the network namespace and the published ports, so that revisions of Envoy can join and leave it.
 * It is the standby too. Two pod holders can't have the same ports, so Terraform destroys a changed one before it creates the next.
 *
 * Terraform makes everything that a `create_before_destroy` resource refers to `create_before_destroy` as well. So revisions
 * don't refer to the pod holder. They join it by its literal name, wait for its host name, and know by `id` when it changed.
 * See docs/decisions/0003-pod-holder-not-referenced.md.
 */
export class PodHolder extends Construct {
  public readonly container: Container;
  /** A copy of the newest revision's files, for the standby. */
  public readonly standbyVolume: Volume;
  /** Changes when the pod holder is replaced. */
  public readonly id: string;
  /** A host name on its networks that changes when the pod holder is replaced. */
  public readonly hostName: string;
  /** A network on which `hostName` resolves. */
  public readonly networkId: string;

  constructor(scope: Construct, id: string, props: PodHolderProps) {
    super(scope, id);
    const { name, image, networkIds, ports, migrateConnections, memory, folders } = props;
    this.networkId = networkIds[0] as string;
    const settings = {
      networkIds,
      ports: toPorts(ports),
      // Linux 5.14 moves connections that wait on a listener which closes to one that stays open.
      ...(migrateConnections && { sysctls: { 'net.ipv4.tcp_migrate_req': '1' } }),
      ...(folders.length > 0 && { volumes: folders }),
    };
    const identity = new TerraformData(this, 'identity', settings);
    this.id = identity.id;
    this.hostName = `pod-${identity.suffix}`;
    this.standbyVolume = new Volume(this, 'standby', { name: `${name}-standby` });
    this.container = new Container(this, 'Default', {
      name,
      image,
      entrypoint: ['bash', '-c', escapeText(HOLDER_COMMAND)],
      init: true,
      ports: settings.ports,
      ...(settings.sysctls && { sysctls: settings.sysctls }),
      networksAdvanced: networkIds.map((networkId) => ({ name: networkId, aliases: [this.hostName] })),
      user: '101:101',
      readOnly: true,
      ...HARDENED_SETTINGS,
      ...toMemoryLimit('memory', memory),
      volumes: [{ volumeName: this.standbyVolume.name, containerPath: CONFIG_FOLDER, readOnly: true }, ...folders],
      restart: 'unless-stopped',
      ...LOG_ROTATION,
      labels: toLabels(name, 'pod-holder'),
      // A new image of Envoy must not interrupt: only the standby runs it here.
      lifecycle: { ignoreChanges: ['image'] },
    });
  }
}
