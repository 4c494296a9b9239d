import type { Bytes, Duration, EnvoyOptions, OneOrMore, ProxyOptions, RunOptions } from '../../../envoy';
import type { IDockerNetwork } from '../../docker/docker-network';
import type { PublishedPortOptions } from '../../docker/published-ports';
import type { Rollout } from '../../docker/revision';
import type { VolumeMount } from '../../docker/volumes';
import type { IUpstream } from '../../upstream/upstream';

export interface EnvoySidecarProps
  extends ProxyOptions,
    RunOptions,
    Pick<EnvoyOptions, 'port' | 'routes' | 'routeOrder' | 'public' | 'anyOf' | 'custom' | 'patch'> {
  /**
   * The API behind it: an `ApiService`, another sidecar, or host and port of something else. Of several, `[api, { service: spare, fallback: true }]`,
   * each is on its own network, or on the sidecar's; the first one's is the sidecar's if it has none of its own.
   *
   * @example { host: 'api', port: 8080 }
   */
  readonly upstream: OneOrMore<IUpstream>;
  /**
   * Further upstreams by their names, which are those of Envoy's clusters. Routes lead to them: `{ path: '/v2', to: 'v2' }`.
   * Each on its own network, or on the sidecar's.
   *
   * @default - none
   */
  readonly upstreams?: Readonly<Record<string, OneOrMore<IUpstream>>>;
  /**
   * The network on which it finds the API.
   *
   * @default - the upstream's, of several the first one's
   */
  readonly network?: IDockerNetwork;
  /**
   * The name of its containers, to which a revision is added, and its host name: one that nobody else in the stack has.
   *
   * @default - the construct's path, stack and all
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
   * `network`: the API is beside it, on a network. `pod`: the API is in its network namespace, for an API that
   * listens on 127.0.0.1 alone, where not even its neighbours reach it. A change of the API then ends the old one before
   * the new one starts; the sidecar holds requests until it is back, as long as `timeouts.request` allows.
   *
   * @default 'network', since then the API too is replaced without a gap
   */
  readonly isolation?: 'network' | 'pod';
  /**
   * How a change is made. `rolling` takes a pod holder beside Envoy, `recreate` is Envoy alone with its ports, and requests
   * are lost while it is replaced.
   *
   * @default 'rolling': the new revision is healthy before the old one drains and goes
   */
  readonly rollout?: Rollout;
  /**
   * Folders that Envoy reads and something else writes, as certificates (`tls`, `upstreamTls`). With `rollout: 'rolling'` the
   * pod holder mounts them too, since it is the standby. Another list interrupts; other files in the folders do not.
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
   * Cores, as 0.5.
   *
   * @default - no limit but `concurrency`
   */
  readonly cpus?: number;
  /**
   * How long a new revision may take to be healthy; then the deploy fails and the old one stays.
   *
   * @default '60s'
   */
  readonly readyTimeout?: Duration;
  /**
   * Moves connections that wait on a closing revision to the next one. Needs Linux 5.14 on the Docker host; without it a
   * rollout can lose a few connections that were just being made.
   *
   * @see https://docs.kernel.org/networking/ip-sysctl.html
   * @default true
   */
  readonly migrateConnections?: boolean;
  /**
   * Labels of Envoy's container, beside those that tell its name and role.
   *
   * @default - none
   */
  readonly labels?: Readonly<Record<string, string>>;
}
