import { isIP } from 'node:net';
import type { ProxyPort } from '../../envoy';
import { integer, invalidOption, refuseUnknown } from '../../envoy/host-api';
import type { Construct } from '../cdk';
import { ClaimRegistry } from '../terraform/claim-registry';
import { isToken } from '../terraform/escape';

/** Where a port of the sidecar is published on the Docker host. */
export interface PublishOptions {
  /**
   * The address on the Docker host. Other machines reach the port only at `0.0.0.0` or an address of a network interface.
   *
   * @see https://docs.docker.com/engine/network/port-publishing/
   * @default '127.0.0.1', the host alone: Docker's default opens the port to all machines, past the firewall of the host
   */
  readonly address?: string;
  /**
   * The port on the Docker host. With 0 Docker chooses a free one.
   *
   * @default - the port inside the container
   */
  readonly port?: number;
}

/** Where the ports of a sidecar are published, by their names; `false` keeps a port unpublished. */
export interface PublishedPortOptions {
  /**
   * The port for clients, with TLS or without.
   *
   * @default {}, so 127.0.0.1 and the port inside the container
   */
  readonly http?: PublishOptions | false;
  /**
   * The port of `adminView`.
   *
   * @default {}, so 127.0.0.1 and the port inside the container
   */
  readonly admin?: PublishOptions | false;
  /**
   * The port that redirects plain HTTP to HTTPS.
   *
   * @default {}, so 127.0.0.1 and the port inside the container
   */
  readonly redirect?: PublishOptions | false;
  /** The ports of your own listeners. */
  readonly [listener: string]: PublishOptions | false | undefined;
}

/** A published port, as asked for. */
export interface PublishedPort {
  readonly name: string;
  readonly internal: number;
  readonly address: string;
  /** 0 for one that Docker chooses. */
  readonly external: number;
}

/** What is published of the proxy's ports: all of them, unless `false` is said. */
export function resolvePublishedPorts(ports: readonly ProxyPort[], publish: PublishedPortOptions): PublishedPort[] {
  if (Object(publish) !== publish) {
    invalidOption('publish', 'must say it of each port', publish, 'write for example { http: { port: 80 } }');
  }
  for (const name of Object.keys(publish)) {
    if (!ports.some((port) => port.name === name)) {
      invalidOption(
        `publish.${name}`,
        'is not a port of this sidecar',
        publish[name],
        `its ports are ${ports.map((port) => port.name).join(', ')}`,
      );
    }
  }
  const published = ports.flatMap(({ name, port: internal }): PublishedPort[] => {
    const options = publish[name] ?? {};
    if (options === false) {
      return [];
    }
    const { address = '127.0.0.1', port: external = internal, ...unknown } = options;
    refuseUnknown(`publish.${name}`, unknown);
    integer(`publish.${name}.port`, external, 0, 65_535);
    if (!isToken(address) && isIP(address) === 0) {
      invalidOption(
        `publish.${name}.address`,
        'must be an IP address of the host',
        address,
        "write for example '0.0.0.0'",
      );
    }
    return [{ name, internal, address, external }];
  });
  published.forEach((one, index) => {
    const first = published.slice(0, index).find((other) => isConflict(one, other));
    if (first) {
      invalidOption(
        `publish.${one.name}.port`,
        `is also that of publish.${first.name}`,
        one.external,
        'give one of them another port',
      );
    }
  });
  return published;
}

/** Ports as the provider takes them. */
export function toPorts(ports: readonly PublishedPort[]) {
  return ports.map(({ internal, external, address }) => ({
    internal,
    ip: address,
    ...(external !== 0 && { external }),
  }));
}

/** Where a published port is reached on the host itself. */
export function toUrl(address: string, port: string | number, scheme: 'http' | 'https'): string {
  const host = { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[address] ?? (address.includes(':') ? `[${address}]` : address);
  return `${scheme}://${host}:${port}`;
}

const portClaims = new ClaimRegistry(({ external }: PublishedPort) => external, isConflict);

/** Refuses ports of the host that another sidecar of the stack has. Only Docker would, when it is applied. */
export function claimPorts(construct: Construct, ports: readonly PublishedPort[]): void {
  for (const port of ports) {
    const other = portClaims.claim(construct, port);
    if (other) {
      invalidOption(
        `publish.${port.name}.port`,
        `is also that of publish.${other.value.name} of '${other.owner.node.path}'`,
        port.external,
        'give one of them another port, or publish it at another address',
      );
    }
  }
}

/** Whether only one of them can be had: one port, at the same address or at one of all addresses of the same kind. */
function isConflict(one: PublishedPort, other: PublishedPort): boolean {
  const [address, its] = [one.address, other.address];
  const all = { 4: '0.0.0.0', 6: '::' }[isIP(address)];
  const overlap = address === its || (isIP(address) === isIP(its) && [address, its].some((each) => each === all));
  return one.external !== 0 && one.external === other.external && overlap;
}
