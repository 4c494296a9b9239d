import { assertOptions, invalidOption, refuseUnknown } from '../../envoy/host-api';
import { Construct, Network } from '../cdk';
import { LIB_OPTIONS } from '../option-shapes';
import { assertToolkit } from '../terraform/assert-toolkit';
import { withConstructPath } from '../terraform/construct-path';
import { allowDockerProvider4 } from '../terraform/docker-provider-version';
import { escapeText, isToken } from '../terraform/escape';
import { assertDockerName, claimName } from './docker-names';

/**
 * A Docker network that containers can be on.
 *
 * @example DockerNetwork.fromName('my-network')
 */
export interface IDockerNetwork {
  /** The name or id by which Docker knows the network. A Terraform reference for a network of this stack. */
  readonly networkId: string;
  /** Whether the network is isolated from the outside. */
  readonly internal: boolean;
}

export interface DockerNetworkProps {
  /**
   * The name on the Docker host. Must be unique in the stack.
   *
   * Docker's newer engines reject a second network of the same name, and Terraform creates a changed network before it destroys the old
   * one. So change the name together with any other option.
   *
   * @default - the path of the construct, including the stack
   */
  readonly name?: string;
  /**
   * The network driver.
   *
   * @see https://docs.docker.com/engine/network/drivers/
   * @default 'bridge'
   */
  readonly driver?: string;
  /**
   * Isolates the network from the outside. An API on it accepts requests from its neighbours, and can't call any other host. A
   * sidecar on it gets a second network for its published ports.
   *
   * @see https://docs.docker.com/reference/cli/docker/network/create/#internal
   * @default false, since many APIs call other hosts
   */
  readonly internal?: boolean;
  /**
   * Gives containers IPv6 addresses too. Docker's older engines then need a `subnet`.
   *
   * @default false
   */
  readonly ipv6?: boolean;
  /**
   * The addresses of the network.
   *
   * @default - a free subnet that Docker chooses
   * @example '10.20.0.0/24'
   */
  readonly subnet?: string;
  /**
   * Labels of the network.
   *
   * @default - none
   */
  readonly labels?: Readonly<Record<string, string>>;
}

/**
 * A network for an API and its sidecar, with nobody else on it.
 *
 * @see https://registry.terraform.io/providers/kreuzwerker/docker/latest/docs/resources/network
 */
@withConstructPath
export class DockerNetwork extends Construct implements IDockerNetwork {
  /** A network that is there already, by its name. Say whether it is `internal`, since the plan can't see that. */
  public static fromName(name: string, options: { readonly internal?: boolean } = {}): IDockerNetwork {
    assertOptions({ internal: { types: ['boolean'] } }, options, {});
    const { internal = false } = options;
    return { networkId: assertDockerName('name', name), internal };
  }

  public readonly name: string;
  public readonly internal: boolean;
  public readonly network: Network;

  constructor(scope: Construct, id: string, props: DockerNetworkProps = {}) {
    super(scope, id);
    assertOptions(LIB_OPTIONS.DockerNetworkProps, props, LIB_OPTIONS);
    const { name, driver = 'bridge', internal = false, ipv6 = false, subnet, labels = {}, ...unknown } = props;
    refuseUnknown('', unknown);
    if (subnet !== undefined && !isToken(subnet) && !/^[0-9a-fA-F.:]+\/\d{1,3}$/.test(subnet)) {
      invalidOption('subnet', 'must be an address and a prefix length', subnet, "write for example '10.20.0.0/24'");
    }
    assertToolkit(this);
    this.name = claimName(this, name, 'network');
    this.internal = internal;
    this.network = new Network(this, 'Default', {
      name: this.name,
      driver,
      internal,
      ipv6,
      ...(subnet !== undefined && { ipamConfig: [{ subnet }] }),
      labels: Object.entries(labels).map(([label, value]) => ({
        label: escapeText(label),
        value: escapeText(value),
      })),
    });
    allowDockerProvider4(this.network);
  }

  /** By its id and not by its name: two networks may share a name while one replaces the other. */
  public get networkId(): string {
    return this.network.id;
  }
}
