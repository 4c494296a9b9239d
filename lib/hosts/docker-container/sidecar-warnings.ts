import type { ProxyOptions } from '../../../envoy';
import { isReference } from '../../../envoy/host-api';
import type { PublishedPort } from '../../docker/published-ports';
import type { Mount } from '../../docker/volumes';
import type { IUpstream } from '../../upstream/upstream';

/** A service with the option that it was given at. */
interface PlacedUpstream {
  readonly at: string;
  readonly service: IUpstream;
}

interface Sidecar extends TlsFeatures {
  readonly upstreams: readonly PlacedUpstream[];
  /** Whether it is on any network of the user's. */
  readonly hasNetwork: boolean;
  /** Whether the API shares the sidecar's loopback address. */
  readonly inPod: boolean;
  readonly published: readonly PublishedPort[];
  readonly folders: readonly Mount[];
}

/** The features that may name certificate files. */
interface TlsFeatures {
  readonly tls: ProxyOptions['tls'];
  readonly upstreamTls: ProxyOptions['upstreamTls'];
}

/** What is legal, and rarely what its user wants: a line each, with the option, the consequence and the remedy. */
export function findWarnings(sidecar: Sidecar): string[] {
  const { upstreams, hasNetwork, inPod, published, tls, upstreamTls, folders } = sidecar;
  const files = [
    ...findFiles('tls', tls),
    ...findFiles('upstreamTls', upstreamTls),
    ...upstreams.flatMap(({ at, service }) => findFiles(`${at}.upstreamTls`, service.upstreamTls)),
  ];
  return [
    ...(inPod ? [] : upstreams.filter(({ service }) => isLoopback(service.host)).map(loopbackWarning)),
    ...(hasNetwork ? [] : upstreams.filter(({ service }) => isDockerName(service.host)).map(noNetworkWarning)),
    ...published
      .filter(({ name, address }) => name === 'admin' && isReachableFromOutside(address))
      .map(openAdminWarning),
    ...files.filter(({ file }) => !isMounted(file, folders)).map(notMountedWarning),
  ];
}

const isLoopback = (host: string) => /^(localhost|127\.\d+\.\d+\.\d+|::1)$/i.test(host);

const loopbackWarning = ({ at, service: { host } }: PlacedUpstream) =>
  `${at}.host is '${host}', which inside the container is Envoy itself: clients get 503. ` +
  "Write the host name of the API's container, or use isolation: 'pod' with an ApiService.";

/** A name without a dot is one that Docker alone knows, on the networks of the container. */
const isDockerName = (host: string) => /^[\w-]+$/.test(host) && !isLoopback(host);

const noNetworkWarning = ({ at, service: { host } }: PlacedUpstream) =>
  `${at}.host is '${host}', and the sidecar is on no network with it: clients get 503. ` +
  "Name the API's network: network: DockerNetwork.fromName('my-network').";

const isReachableFromOutside = (address: string) => !isLoopback(address) && !isReference(address);

const openAdminWarning = ({ address }: PublishedPort) =>
  `publish.admin.address is '${address}': who reaches this address reads Envoy's statistics, upstreams and certificates ` +
  'without a password. Leave it out, and reach the pages through an SSH tunnel.';

interface OptionFile {
  readonly at: string;
  readonly file: string;
}

const FILE_OPTIONS = ['file', 'certificateChainFile', 'privateKeyFile'];

/** The files of certificates that options name. */
function findFiles(at: string, value: unknown): OptionFile[] {
  if (Array.isArray(value)) {
    return value.flatMap((one, index) => findFiles(`${at}[${index}]`, one));
  }
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  return Object.entries(value).flatMap(([name, inner]) => {
    const path = at === '' ? name : `${at}.${name}`;
    return typeof inner === 'string' && FILE_OPTIONS.includes(name)
      ? [{ at: path, file: inner }]
      : findFiles(path, inner);
  });
}

/** The image brings the public authorities. */
const IMAGE_AUTHORITIES_FOLDER = '/etc/ssl/';

function isMounted(file: string, folders: readonly Mount[]): boolean {
  return (
    isReference(file) ||
    file.startsWith(IMAGE_AUTHORITIES_FOLDER) ||
    folders.some(({ containerPath }) => isReference(containerPath) || file.startsWith(`${containerPath}/`))
  );
}

const notMountedWarning = ({ at, file }: OptionFile) =>
  `${at} is '${file}', which is in none of the volumes: unless the image has this file, Envoy does not start. ` +
  "Mount its folder: volumes: [{ hostPath: '/srv/tls', containerPath: '/tls' }].";
