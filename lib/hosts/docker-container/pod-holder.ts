import type { Bytes } from '../../../envoy';
import { CONFIG_FOLDER } from '../../../envoy/host-api';
import { Construct, Container, Volume } from '../../cdk';
import { HARDENED, LOG_ROTATION, memoryLimit } from '../../docker/container-settings';
import { labels } from '../../docker/docker-names';
import { type PublishedPort, portsOf } from '../../docker/published-ports';
import type { Mount } from '../../docker/volumes';
import { terraformText } from '../../terraform/escape';
import { TerraformData } from '../../terraform/terraform-data';
import { HOLD } from '../entrypoint/scripts';

export interface PodProps {
  readonly name: string;
  /** The holder keeps the one that it was made with. */
  readonly image: string;
  readonly networkIds: readonly string[];
  readonly ports: readonly PublishedPort[];
  readonly migrateConnections: boolean;
  readonly memory: Bytes;
  /** What Envoy reads, and so whoever stands in for it. */
  readonly folders: readonly Mount[];
}

/**
 * The network namespace and the published ports, owned by a container that does little else, so that generations of
 * Envoy can come and go inside it. Its ports can't be had twice, so a changed holder goes before the new one comes.
 *
 * Terraform makes whatever a `create_before_destroy` resource refers to `create_before_destroy` as well. So generations
 * don't refer to the holder: they join it by its literal name, wait for it by its host name, and know by `id` when
 * it changed. See docs/decisions/0003-holder-not-referenced.md.
 */
export class Pod extends Construct {
  public readonly holder: Container;
  /** What the holder serves with while no generation does: a copy of the newest one. */
  public readonly standIn: Volume;
  /** Changes when the holder is replaced. */
  public readonly id: string;
  /** The host name under which this very holder can be found on its networks. */
  public readonly hostName: string;
  /** The network on which it can be found. */
  public readonly networkId: string;

  constructor(scope: Construct, id: string, props: PodProps) {
    super(scope, id);
    const { name, image, networkIds, ports, migrateConnections, memory, folders } = props;
    this.networkId = networkIds[0] as string;
    const settings = {
      networkIds,
      ports: portsOf(ports),
      // Connections that wait on a listener which closes move to the one that stays (Linux 5.14 and later).
      ...(migrateConnections && { sysctls: { 'net.ipv4.tcp_migrate_req': '1' } }),
      ...(folders.length > 0 && { volumes: folders }),
    };
    const identity = new TerraformData(this, 'identity', settings);
    this.id = identity.id;
    this.hostName = `pod-${identity.suffix}`;
    this.standIn = new Volume(this, 'stand-in', { name: `${name}-stand-in` });
    this.holder = new Container(this, 'Default', {
      name,
      image,
      entrypoint: ['bash', '-c', terraformText(HOLD)],
      init: true,
      ports: settings.ports,
      ...(settings.sysctls && { sysctls: settings.sysctls }),
      networksAdvanced: networkIds.map((networkId) => ({ name: networkId, aliases: [this.hostName] })),
      user: '101:101',
      readOnly: true,
      ...HARDENED,
      ...memoryLimit('memory', memory),
      volumes: [{ volumeName: this.standIn.name, containerPath: CONFIG_FOLDER, readOnly: true }, ...folders],
      restart: 'unless-stopped',
      ...LOG_ROTATION,
      labels: labels(name, 'holder'),
      // A new image of Envoy is no reason to interrupt: the holder needs it only to stand in.
      lifecycle: { ignoreChanges: ['image'] },
    });
  }
}
