import { invalidOption } from '../../envoy/host-api';
import type { Construct } from '../cdk';
import { isSameName } from '../docker/docker-names';
import type { IUpstream } from './upstream';

interface Sidecar extends Construct {
  readonly name: string;
}

const sidecarsByUpstream = new WeakMap<IUpstream, { readonly sidecar: Sidecar; readonly inPod: boolean }[]>();

/** Notes which sidecar stands before which API, and refuses one that would not find it. */
export function registerSidecar(upstream: IUpstream, sidecar: Sidecar, inPod: boolean): void {
  const { host } = upstream;
  if (isSameName(host, sidecar.name)) {
    invalidOption('upstream.host', 'is the name of the sidecar itself', host, 'give the sidecar another name');
  }
  if (upstream.joinPod === undefined) {
    return;
  }
  const all = sidecarsByUpstream.get(upstream) ?? [];
  // In a pod the API is in one network namespace, and on no network.
  const other = all.find((one) => one.inPod || inPod);
  if (other) {
    invalidOption(
      'upstream',
      `is also that of '${other.sidecar.node.path}', and with isolation: 'pod' one alone finds it`,
      host,
      "use isolation: 'network', or give one of them the other as its upstream",
    );
  }
  sidecarsByUpstream.set(upstream, [...all, { sidecar, inPod }]);
}
