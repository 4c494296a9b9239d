import { type Cluster, loadAssignment, socketAddress } from './api';
import type { UpstreamOptions } from './features';
import { merge, type Part } from './fragment';
import { ADMIN, UPSTREAM } from './names';
import { isReference } from './references';
import { port as checkedPort, fail } from './values';

/** What stands behind the proxy. */
export interface Upstream extends UpstreamOptions {
  /** The host name or address at which Envoy reaches it. */
  readonly host: string;
  /** The port there. */
  readonly port: number;
}

const ADDRESS = /^(\d+(\.\d+){3}|[\da-fA-F.]*:[\da-fA-F.]*:[\da-fA-F:.]*)$/;

/** A name as DNS and Docker know them. */
const NAME = /^[a-zA-Z0-9_.-]+$/;

/** The cluster of an upstream, with what the features add to it. `option` is where the upstream was given. */
export function clusterOf(
  name: string,
  option: string,
  { host, port }: Upstream,
  parts: readonly Part<Partial<Cluster>>[],
): Cluster {
  // A reference is for whoever resolves it.
  if (!isReference(host) && !NAME.test(host) && !ADDRESS.test(host)) {
    fail(`${option}.host`, 'must be a host name or an address', host, "write for example 'api'");
  }
  const address = socketAddress(host, checkedPort(`${option}.port`, port));
  const cluster = merge<Partial<Cluster>>([
    { by: option, value: { name } },
    ...parts,
    { by: option, value: { load_assignment: loadAssignment(name, address) } },
  ]) as Cluster;
  // Without a way to look it up, Envoy takes the host as an address.
  if (cluster.cluster_type === undefined && !isReference(host) && !ADDRESS.test(host)) {
    fail(
      `${option}.host`,
      "must be an IP address with discovery.type 'STATIC' or without discovery",
      host,
      'leave discovery out',
    );
  }
  return cluster;
}

/** Refuses names of further upstreams that can't be those of clusters, or that no route leads to. */
export function checkUpstreamNames(names: readonly string[], led: readonly (string | undefined)[]): void {
  for (const name of names) {
    if (!/^[a-z][a-z0-9_-]*$/.test(name) || RESERVED.includes(name)) {
      fail(
        `upstreams.${name}`,
        `must have a name of small letters, digits, '-' and '_', and none of ${RESERVED.join(', ')}`,
        name,
        'rename it',
      );
    }
    if (!led.includes(name)) {
      fail(
        `upstreams.${name}`,
        'is led to by no route',
        name,
        `write for example routes: [{ path: '/${name}', to: '${name}' }]`,
      );
    }
  }
}

/** The clusters that are there anyway. */
const RESERVED: readonly string[] = [UPSTREAM, ADMIN];
