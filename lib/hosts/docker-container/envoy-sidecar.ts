import {
  assertOptions,
  DEFAULT_IMAGE,
  DEFAULT_PORT,
  invalidOption,
  membersOf,
  oneOf,
  resolveEnvoyVersion,
} from '../../../envoy/host-api';
import { Annotations, Construct, type Container, Image, Tokenization } from '../../cdk';
import { claimName } from '../../docker/docker-names';
import type { IDockerNetwork } from '../../docker/docker-network';
import { claimPorts, type PublishedPort, resolvePublishedPorts, toUrl } from '../../docker/published-ports';
import type { Rollout } from '../../docker/revision';
import { toMounts } from '../../docker/volumes';
import { LIB_OPTIONS } from '../../option-shapes';
import { assertToolkit } from '../../terraform/assert-toolkit';
import { withConstructPath } from '../../terraform/construct-path';
import { allowDockerProvider4 } from '../../terraform/docker-provider-version';
import { escapeText } from '../../terraform/escape';
import { createReferenceWriter } from '../../terraform/json-encoded-tokens';
import { dependOnStackOf } from '../../terraform/stack-dependency';
import type { IUpstream } from '../../upstream/upstream';
import { registerSidecar } from '../../upstream/upstream-claims';
import { dockerProxySpec } from './docker-proxy-spec';
import { EnvoyRevision } from './envoy-revision';
import { setHttpsRedirectPort } from './https-redirect-port';
import { PodHolder } from './pod-holder';
import type { EnvoySidecarProps } from './props';
import { readConfigFile } from './read-config-file';
import { isSameNetwork, resolveNetworks } from './sidecar-networks';
import { findWarnings } from './sidecar-warnings';

/**
 * Envoy before an API, on plain Docker: a pod holder that stays, and revisions of Envoy that come and go inside it.
 * Another sidecar can have it as its upstream.
 *
 * @see https://registry.terraform.io/providers/kreuzwerker/docker/latest/docs/resources/container
 */
@withConstructPath
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
  /** The container that owns the network namespace and the published ports. Absent with `rollout: 'recreate'`. */
  public readonly podHolder?: Container;
  private readonly published: readonly PublishedPort[];
  private readonly scheme: 'http' | 'https';

  constructor(scope: Construct, id: string, props: EnvoySidecarProps) {
    super(scope, id);
    assertOptions(LIB_OPTIONS.EnvoySidecarProps, props, LIB_OPTIONS);
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
    const members = membersOf('upstream', upstream);
    const services = members.map(({ service }) => service);
    const [api, ...others] = services;
    const { network = api?.network, memory = '512MiB', cpus, readyTimeout = '60s', labels, ...options } = more;
    oneOf('isolation', isolation, ['network', 'pod']);
    oneOf('rollout', rollout, ['rolling', 'recreate']);
    if (!isSameNetwork(network, api?.network)) {
      invalidOption(
        'network',
        "is another than the upstream's, so the upstream can't be found on it",
        network?.networkId,
        'leave it out, or give both the same',
      );
    }
    if (isolation === 'pod' && (api?.joinPod === undefined || others.length > 0 || rollout === 'recreate')) {
      invalidOption(
        'isolation',
        "needs one ApiService as upstream and rollout: 'rolling'",
        isolation,
        "use isolation: 'network'",
      );
    }
    assertToolkit(this);
    this.name = claimName(this, name);
    const furtherMembers = Object.entries(options.upstreams ?? {}).flatMap(([at, one]) =>
      membersOf(`upstreams.${at}`, one),
    );
    const further = [...others, ...furtherMembers.map(({ service }) => service)];
    for (const { at, service } of [...members, ...furtherMembers]) {
      const sameStack = dependOnStackOf(this, at, service);
      dependOnStackOf(this, `${at}.network`, service.network);
      if (isolation === 'pod' && service === api && !sameStack) {
        invalidOption(
          'isolation',
          'needs an ApiService of the same stack, since both refer to each other',
          isolation,
          "use isolation: 'network'",
        );
      }
    }
    dependOnStackOf(this, 'network', network);
    const version = () => resolveEnvoyVersion(options.image ?? DEFAULT_IMAGE, options.envoyVersion);
    const base = configFile === undefined ? {} : { baseConfig: readConfigFile(configFile, version()) };
    const tls = options.tls && { tls: setHttpsRedirectPort(options.tls, options.port ?? DEFAULT_PORT, publish.http) };
    const spec = dockerProxySpec(
      { ...options, ...tls, ...base },
      upstream,
      memory,
      isolation === 'pod',
      createReferenceWriter(this),
    );
    for (const one of [...services, ...further]) {
      registerSidecar(one, this, isolation === 'pod' && one === api);
    }
    this.envoyYaml = spec.files[0]?.content ?? '';
    this.published = resolvePublishedPorts(spec.ports, publish);
    claimPorts(this, this.published);
    this.scheme = options.tls ? 'https' : 'http';
    this.port = spec.ports.find((one) => one.name === 'http')?.port ?? 0;
    this.rollout = rollout;
    const folders = toMounts(volumes);
    const warnings = findWarnings({
      upstreams: [...members, ...furtherMembers],
      hasNetwork: [network, ...further.map((one) => one.network)].some((one) => one !== undefined),
      inPod: isolation === 'pod',
      published: this.published,
      tls: options.tls,
      upstreamTls: options.upstreamTls,
      folders,
    });
    for (const warning of [...spec.warnings, ...warnings]) {
      Annotations.of(this).addWarning(warning);
    }

    const pulled = new Image(this, 'image', { name: escapeText(spec.image), keepLocally: true });
    allowDockerProvider4(pulled);
    const image = pulled.imageId;
    const networks = resolveNetworks(this, [network, ...further.map((one) => one.network)]);
    this.network = networks.outer;
    const networkIds = networks.all.map(({ networkId }) => networkId);
    const podHolder =
      rollout === 'rolling'
        ? new PodHolder(this, 'pod-holder', {
            name: this.name,
            image,
            networkIds,
            ports: this.published,
            migrateConnections,
            memory,
            folders,
          })
        : undefined;
    const inPod = isolation === 'pod' && podHolder !== undefined;
    if (inPod) {
      api?.joinPod?.(podHolder.container);
    }
    // What the sidecar refers to, Terraform replaces as it replaces the sidecar. An API that goes before it comes is not
    // referred to by one that comes before it goes: Envoy then waits for it instead.
    const startsAfter = [...(inPod ? [] : services.slice(0, 1)), ...further].flatMap((one) =>
      rollout === 'rolling' && one.rollout === 'recreate' ? [] : (one.dependsOn ?? []),
    );
    const sameStack = startsAfter.filter((one) => dependOnStackOf(this, 'upstream.dependsOn', one));
    this.container = new EnvoyRevision(this, 'Default', {
      name: this.name,
      spec,
      image,
      host: podHolder ?? { ports: this.published, networkIds },
      startsAfter: sameStack,
      folders,
      memory,
      cpus,
      readyTimeout,
      labels,
    }).container;
    if (podHolder) {
      this.podHolder = podHolder.container;
    }
  }

  /** The name by which its neighbours find it, whichever revision it is. */
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
      invalidOption(`${this.node.path}: publish.${name}`, 'is not published', false, 'publish it to have a URL');
    }
    return port.external === 0 ? (this.podHolder ?? this.container).ports.get(index).external : port.external;
  }

  private urlOf(name: 'http' | 'admin', scheme: 'http' | 'https'): string {
    // As a text, so that the URL can be seen to have a reference: that of a number is a number.
    const external = Tokenization.stringifyNumber(this.publishedPort(name));
    return toUrl(this.published.find((port) => port.name === name)?.address ?? '', external, scheme);
  }
}
