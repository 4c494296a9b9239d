import { type Construct, Network } from '../../cdk';
import type { IDockerNetwork } from '../../docker/docker-network';

/** Whether an upstream on `its` network, if it names one, is found on `ours`. References differ each time they are made. */
export function isSameNetwork(ours: IDockerNetwork | undefined, its: IDockerNetwork | undefined): boolean {
  return its === undefined || ours === its || ours?.networkId === its.networkId;
}

/**
 * Each network of a sidecar once, and the one on which its neighbours find it: the first that is not internal. Docker
 * publishes no port of a container that is on internal networks alone, so then it gets one more.
 */
export function resolveNetworks(
  sidecar: Construct & { readonly name: string },
  networks: readonly (IDockerNetwork | undefined)[],
): { readonly all: readonly IDockerNetwork[]; readonly outer: IDockerNetwork } {
  const known = networks.filter((one) => one !== undefined);
  const distinct = known.filter((one, index) => known.findIndex((other) => isSameNetwork(one, other)) === index);
  const outer = distinct.find(({ internal }) => !internal);
  if (outer) {
    return { all: distinct, outer };
  }
  const { id } = new Network(sidecar, 'network', { name: `${sidecar.name}-outside` });
  const outside = { networkId: id, internal: false };
  return { all: [...distinct, outside], outer: outside };
}
