import type { Bytes, Duration, EnvoyOptions, OneOrMore, ProxyOptions, RunOptions } from '../../../envoy';
import type { IDockerNetwork } from '../../docker/docker-network';
import type { PublishedPortOptions } from '../../docker/published-ports';
import type { Rollout } from '../../docker/revision';
import type { VolumeMount } from '../../docker/volumes';
import type { IUpstream } from '../../upstream/upstream';

export interface EnvoySidecarProps
  extends ProxyOptions,
    RunOptions,
    Pick<EnvoyOptions, 'port' | 'routes' | 'routeOrder' | 'authentication' | 'custom' | 'patch'> {
  /**
   * The API behind the sidecar: an `ApiService`, another sidecar, or the host and port of anything else. Several services share the
   * requests: `[api, { service: spare, fallback: true }]`.
   *
   * The sidecar joins the network of each service. The first one's network is the default of `network`.
   *
   * @example { host: 'api', port: 8080 }
   */
  readonly upstream: OneOrMore<IUpstream>;
  /**
   * Further upstreams by their names, which are also the names of Envoy's clusters. Routes select them:
   * `{ path: '/v2', upstream: 'v2' }`. The sidecar joins the network of each.
   *
   * @default - none
   * @example { v2: { host: 'new-api', port: 8080 } }
   */
  readonly upstreams?: Readonly<Record<string, OneOrMore<IUpstream>>>;
  /**
   * The network that the sidecar shares with the API.
   *
   * @default - the network of the upstream, of several that of the first one
   */
  readonly network?: IDockerNetwork;
  /**
   * The host name of the sidecar, and the beginning of its containers' names. Must be unique in the stack. Container names end with
   * the revision.
   *
   * @default - the path of the construct, including the stack
   */
  readonly name?: string;
  /**
   * An `envoy.yaml` of your own to start from, read when the stack is synthesized. It stays as it is but for its admin
   * interface, which is ours. No feature is on by default then. Each that you turn on is laid onto its
   * HTTP connection manager and listener (`connectionManagers` says which, where it has several), onto the routes there, and onto
   * the clusters that reach the upstream, its HTTP filters before yours. What both set is an error: take it out of the file. So everything can move from the file to options, one by one, filters from the front.
   *
   * @default - a configuration of our own
   */
  readonly configFile?: string;
  /**
   * Where its ports are published on the host, by their names (`http`, with TLS as well; `admin`, `redirect`, and those of
   * listeners of your own): `{ http: false }` publishes that one not at all. Another sidecar of the stack needs others.
   *
   * @default - each on the host's loopback address, with the number it has inside
   * @example { http: { port: 80 }, admin: false }
   */
  readonly publish?: PublishedPortOptions;
  /**
   * With `network` the API is in a container of its own on a network. With `pod` the API shares the sidecar's network namespace. Then an
   * API that listens on 127.0.0.1 is unreachable even for other containers of its network.
   *
   * In a pod Terraform ends the old API before it starts the new one. Until then the sidecar holds requests, for
   * `timeouts.request` at most.
   *
   * @default 'network', since Terraform then replaces the API without a gap too
   */
  readonly isolation?: 'network' | 'pod';
  /**
   * How Terraform replaces Envoy. `rolling` needs a pod holder beside Envoy. With `recreate` Envoy publishes its ports itself, and
   * requests are lost while Terraform replaces it.
   *
   * @default 'rolling': the new revision is healthy before the old one drains and ends
   */
  readonly rollout?: Rollout;
  /**
   * Folders that Envoy reads and another program writes, such as certificates (`tls`, `upstreamTls`).
   *
   * With `rollout: 'rolling'` the pod holder mounts them too, since it is the standby. So a changed list interrupts; changed files in
   * the folders do not.
   *
   * @default - none
   * @example [{ hostPath: '/srv/tls', containerPath: '/tls' }]
   */
  readonly volumes?: readonly VolumeMount[];
  /**
   * Memory of the container, 32 MiB at least. Envoy's heap gets 60 % of it (`limits.maxHeapSize`), and clients one connection for
   * each 128 KiB (`limits.maxConnections`). With these and 64 MiB or more it outlived the attacks on its memory that we
   * measured, and refused part of the others meanwhile, see docs/operations/slow-clients.md; without, it is killed with all its requests.
   *
   * @default '512MiB', so 4,096 connections: one client with 2,500 slow requests leaves places for others. It is a bound and no
   * reservation: an idle sidecar takes some 30 MiB
   */
  readonly memory?: Bytes;
  /**
   * Maximum CPU cores, such as 0.5.
   *
   * @default - no limit but `concurrency`
   */
  readonly cpus?: number;
  /**
   * Time for a new revision to become healthy. After it the deploy fails, and the old revision goes on serving.
   *
   * @default '60s'
   */
  readonly readyTimeout?: Duration;
  /**
   * Moves connections that wait on a closing revision to the next one. Needs Linux 5.14 on the Docker host. Without it a rollout may
   * lose a few connections that clients are just opening.
   *
   * @see https://docs.kernel.org/networking/ip-sysctl.html
   * @default true
   */
  readonly migrateConnections?: boolean;
  /**
   * Labels of Envoy's container, in addition to those for its name and role.
   *
   * @default - none
   */
  readonly labels?: Readonly<Record<string, string>>;
}
