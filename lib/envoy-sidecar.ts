import type { Bytes, Duration, EnvoyOptions, ProxyOptions, RunOptions } from '../envoy';
import { envoyVersionOf } from '../envoy/envoy-version';
import { DEFAULT_IMAGE, DEFAULT_PORT } from '../envoy/names';
import { membersOf, type OneOrMore } from '../envoy/servers';
import { fail, oneOf } from '../envoy/values';
import { Annotations, Construct, type Container, Image, Network, Tokenization } from './cdk';
import { readConfigFile } from './config-file';
import type { IDockerNetwork } from './docker-network';
import { EnvoyGeneration } from './envoy-generation';
import type { Rollout } from './generation';
import { withHttpsPort } from './https-port';
import { jsonTexts } from './json-texts';
import { nameOf } from './names';
import { Pod } from './pod';
import { allowDockerProvider4 } from './provider';
import { type PublishedPort, type PublishOptions, publishedPorts, takePorts } from './publish';
import { sidecarSpec } from './sidecar-spec';
import { standBefore } from './stand-before';
import { terraformText } from './terraform-text';
import type { IUpstream } from './upstream';
import { mounts, type VolumeMount } from './volumes';

export interface EnvoySidecarProps
  extends ProxyOptions,
    RunOptions,
    Pick<EnvoyOptions, 'port' | 'routes' | 'routeOrder' | 'public' | 'anyOf' | 'custom' | 'patch'> {
  /**
   * The API behind it: an `ApiService`, another sidecar, or host and port of something else. Of several, `[api, { service: spare, fallback: true }]`,
   * each is on its own network, or on the sidecar's; the first one's is the sidecar's if it has none of its own.
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
   * The name of its containers, to which a generation is added.
   *
   * @default - the construct's path, stack and all
   */
  readonly name?: string;
  /**
   * An `envoy.yaml` of your own to start from, read when the stack is synthesized. It stays as it is but for its admin
   * interface, which is ours. Of the features `adminView` alone is on by default then; each that you turn on is laid onto its
   * first HTTP listener, its routes, and the cluster that reaches the upstream, its HTTP filters before yours. What both set is
   * an error: take it out of the file. So everything can move from the file to options, one by one, filters from the front.
   *
   * @default - a configuration of our own
   */
  readonly configFile?: string;
  /**
   * Where its ports are published on the host, by their names (`http`, with TLS as well; `admin`, `redirect`, and those of
   * listeners of your own); `false` for not at all.
   *
   * @default - each on the host's loopback address, with the number it has inside
   */
  readonly publish?: Readonly<Record<string, PublishOptions | false>>;
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
   * @default 'rolling': the new generation is healthy before the old one drains and goes
   */
  readonly rollout?: Rollout;
  /**
   * Folders that Envoy reads and something else writes, as certificates (`tls`, `upstreamTls`). With `rollout: 'rolling'` the
   * pod holder mounts them too, since it stands in for Envoy: another list of them interrupts, what is in them does not.
   *
   * @default - none
   */
  readonly volumes?: readonly VolumeMount[];
  /**
   * Memory of the container, 32 MiB at least. Envoy's heap gets 90 % of it (`limits.heap`): at 98 % of that it answers 503 and lives,
   * where without it would be killed.
   *
   * @default '256MiB'
   */
  readonly memory?: Bytes;
  /**
   * Cores, as 0.5.
   *
   * @default - no limit but `concurrency`
   */
  readonly cpus?: number;
  /**
   * How long a new generation may take to be healthy; then the deploy fails and the old one stays.
   *
   * @default '60s'
   */
  readonly healthTimeout?: Duration;
  /**
   * Moves connections that wait on a closing generation to the next one. Needs Linux 5.14 on the Docker host; without it a
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

/** Whether an upstream on `its` network, if it names one, is found on `ours`. References differ each time they are made. */
function same(ours: IDockerNetwork | undefined, its: IDockerNetwork | undefined): boolean {
  return its === undefined || ours === its || ours?.networkId === its.networkId;
}

/**
 * Envoy before an API, on plain Docker: a pod holder that stays, and generations of Envoy that come and go inside it.
 * Another sidecar can have it as its upstream.
 *
 * @see https://registry.terraform.io/providers/kreuzwerker/docker/latest/docs/resources/container
 */
export class EnvoySidecar extends Construct implements IUpstream {
  public readonly name: string;
  /** The port inside the container on which clients are served; 0 if a `configFile` has them served on none. */
  public readonly port: number;
  /** Where its neighbours find it: the first of its networks that is not internal, so that they need not be on the API's. */
  public readonly network: IDockerNetwork;
  public readonly rollout: Rollout;
  /** Envoy's configuration, as a plan shows it. */
  public readonly envoyYaml: string;
  /** The container that Envoy runs in. */
  public readonly container: Container;
  /** The container that owns network namespace and ports; none with `rollout: 'recreate'`. */
  public readonly holder?: Container;
  private readonly published: readonly PublishedPort[];
  private readonly scheme: 'http' | 'https';

  constructor(scope: Construct, id: string, props: EnvoySidecarProps) {
    super(scope, id);
    const {
      upstream,
      name,
      publish = {},
      isolation = 'network',
      rollout = 'rolling',
      migrateConnections = true,
      configFile,
      volumes = [],
      ...more
    } = props;
    const services = membersOf('upstream', upstream).map(({ service }) => service);
    const [api, ...others] = services;
    const { network = api?.network, memory = '256MiB', cpus, healthTimeout = '60s', labels, ...options } = more;
    oneOf('isolation', isolation, ['network', 'pod']);
    oneOf('rollout', rollout, ['rolling', 'recreate']);
    if (!same(network, api?.network)) {
      fail(
        'network',
        "is another than the upstream's, so the upstream can't be found on it",
        network?.networkId,
        'leave it out, or give both the same',
      );
    }
    if (isolation === 'pod' && (api?.joinPod === undefined || others.length > 0 || rollout === 'recreate')) {
      fail(
        'isolation',
        "needs one ApiService as upstream and rollout: 'rolling'",
        isolation,
        "use isolation: 'network'",
      );
    }
    allowDockerProvider4(this);
    this.name = nameOf(this, name);
    const further = [
      ...others,
      ...Object.entries(options.upstreams ?? {}).flatMap(([at, one]) =>
        membersOf(`upstreams.${at}`, one).map(({ service }) => service),
      ),
    ];
    for (const one of [...services, ...further]) {
      standBefore(one, this, isolation === 'pod');
    }
    const version = () => envoyVersionOf(options.image ?? DEFAULT_IMAGE, options.envoyVersion);
    const base = configFile === undefined ? {} : { base: readConfigFile(configFile, version()) };
    const tls = options.tls && { tls: withHttpsPort(options.tls, options.port ?? DEFAULT_PORT, publish.http) };
    const spec = sidecarSpec({ ...options, ...tls, ...base }, upstream, memory, isolation === 'pod', jsonTexts(this));
    for (const warning of spec.warnings) {
      Annotations.of(this).addWarning(warning);
    }
    this.envoyYaml = spec.files[0]?.content ?? '';
    this.published = publishedPorts(spec.ports, publish);
    takePorts(this, this.published);
    this.scheme = options.tls ? 'https' : 'http';
    this.port = spec.ports.find((one) => one.name === 'http')?.port ?? 0;
    this.rollout = rollout;
    const folders = mounts(volumes);

    const image = new Image(this, 'image', { name: terraformText(spec.image), keepLocally: true }).imageId;
    const networks = this.networks([network, ...further.map((one) => one.network)]);
    this.network = networks.find(({ internal }) => !internal) as IDockerNetwork;
    const networkIds = networks.map(({ networkId }) => networkId);
    const pod =
      rollout === 'rolling'
        ? new Pod(this, 'pod', {
            name: this.name,
            image,
            networkIds,
            ports: this.published,
            migrateConnections,
            memory,
            folders,
          })
        : undefined;
    const inPod = isolation === 'pod' && pod !== undefined;
    if (inPod) {
      api?.joinPod?.(pod.holder);
    }
    // What the sidecar refers to, Terraform replaces as it replaces the sidecar. An API that goes before it comes is not
    // referred to by one that comes before it goes: Envoy then waits for it instead.
    const startsAfter = [...(inPod ? [] : services.slice(0, 1)), ...further].flatMap((one) =>
      rollout === 'rolling' && one.rollout === 'recreate' ? [] : (one.dependsOn ?? []),
    );
    this.container = new EnvoyGeneration(this, 'Default', {
      name: this.name,
      spec,
      image,
      host: pod ?? { ports: this.published, networkIds },
      startsAfter,
      folders,
      memory,
      cpus,
      healthTimeout,
      labels,
    }).container;
    if (pod) {
      this.holder = pod.holder;
    }
  }

  /** The name by which its neighbours find it, whichever generation it is. */
  public get host(): string {
    return this.name;
  }

  public get dependsOn(): readonly Container[] {
    return [this.container];
  }

  /** Where the API is reached on the Docker host. */
  public get url(): string {
    return this.urlOf('http', this.scheme);
  }

  /** Where Envoy's admin pages are looked at, on the Docker host. */
  public get adminUrl(): string {
    return this.urlOf('admin', 'http');
  }

  /** The port of the host on which `http`, `admin` or another of its ports is published; a reference if Docker chose it. */
  public publishedPort(name: string): number {
    const index = this.published.findIndex((port) => port.name === name);
    const port = this.published[index];
    if (!port) {
      fail(`publish.${name}`, 'is not published', false, 'publish it to have a URL');
    }
    return port.external === 0 ? (this.holder ?? this.container).ports.get(index).external : port.external;
  }

  /** Each network once. Docker publishes no port of a container that is on internal networks alone. */
  private networks(networks: readonly (IDockerNetwork | undefined)[]): IDockerNetwork[] {
    const known = networks.filter((one) => one !== undefined);
    const distinct = known.filter((one, index) => known.findIndex((other) => same(one, other)) === index);
    const outside = () => new Network(this, 'network', { name: `${this.name}-outside` }).id;
    return distinct.every(({ internal }) => internal)
      ? [...distinct, { networkId: outside(), internal: false }]
      : distinct;
  }

  private urlOf(name: 'http' | 'admin', scheme: 'http' | 'https'): string {
    // As a text, so that the URL can be seen to have a reference: that of a number is a number.
    const external = Tokenization.stringifyNumber(this.publishedPort(name));
    const address = this.published.find((port) => port.name === name)?.address ?? '';
    const host =
      { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[address] ?? (address.includes(':') ? `[${address}]` : address);
    return `${scheme}://${host}:${external}`;
  }
}
