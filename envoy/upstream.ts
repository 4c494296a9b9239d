import { type Cluster, loadAssignment, socketAddress } from './api';
import type { UpstreamOptions } from './features';
import { UPSTREAM } from './names';
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

/** What leads to the upstream, once it is known to be a place at all. */
export function assignment({ host, port }: Upstream): Pick<Cluster, 'load_assignment'> {
  // A reference is for whoever resolves it.
  if (!isReference(host) && !NAME.test(host) && !ADDRESS.test(host)) {
    fail('upstream.host', 'must be a host name or an address', host, "write for example 'api'");
  }
  return { load_assignment: loadAssignment(UPSTREAM, socketAddress(host, checkedPort('upstream.port', port))) };
}

/** Without a way to look it up, Envoy takes the host as an address. */
export function refuseNameWithoutDiscovery({ host }: Upstream, cluster: Cluster): void {
  if (cluster.cluster_type === undefined && !isReference(host) && !ADDRESS.test(host)) {
    fail(
      'upstream.host',
      "must be an IP address with discovery.type 'STATIC' or without discovery",
      host,
      'leave discovery out',
    );
  }
}
