import type { UpstreamOptions } from '../features/registry';
import { isAddress } from '../features/shared/cluster-discovery';
import { merge, type Part } from '../fragments/merge';
import { type Cluster, type LoadAssignment, socketAddress } from '../messages/builders';
import { ADMIN, UPSTREAM } from '../messages/resource-names';
import { hasFallback, membersOf, type OneOrMore, type Placed, type Server } from '../options/endpoints';
import { isReference } from '../options/terraform-tokens';
import { port as checkedPort, integer } from '../options/units';
import { invalidOption, keysOf } from '../options/validate';

/** What stands behind the proxy. */
export interface Upstream extends UpstreamOptions {
  /**
   * The host name or address at which Envoy reaches it.
   *
   * @example 'api'
   */
  readonly host: string;
  /**
   * The port there.
   *
   * @example 8080
   */
  readonly port: number;
  /**
   * How many answer to the host name, each at an address of its own. Where there is a fallback, a request that one of several
   * failed is tried at another of them before. All of them get requests, whatever is said here.
   *
   * @default 1, as nothing tells how many a name has; of one, a second try in vain would only come before the fallback's
   */
  readonly replicas?: number;
}

/** A host name, also of a container network: DNS itself has no `_`. */
const NAME = /^[a-zA-Z0-9_.-]+$/;

/** An upstream with the option that it was given at, as `upstreams.v2`, and what features add to the one cluster that it is. */
export interface UpstreamGroup {
  readonly option: string;
  readonly servers: readonly Server[];
  readonly members: readonly Placed<Upstream>[];
  readonly own: UpstreamOptions;
}

export function toUpstreamGroup(option: string, given: OneOrMore<Upstream>): UpstreamGroup {
  const members = membersOf(option, given);
  const servers = members.map(({ at, service, fallback }) => toServer(at, service, fallback));
  members.forEach(({ at, service: { host, port } }, index) => {
    const first = servers.findIndex((other) => other.host === host && other.port === port);
    if (first < index) {
      invalidOption(at, `is also ${members[first]?.at}`, `${host}:${port}`, 'name each once');
    }
  });
  return { option, servers, members, own: ownOptions(members) };
}

function toServer(at: string, { host, port, replicas }: Upstream, fallback: boolean): Server {
  if (replicas === undefined) {
    return { host, port, fallback };
  }
  if (integer(`${at}.replicas`, replicas, 1, 1_000) > 1 && isAddress(host)) {
    invalidOption(
      `${at}.replicas`,
      'must be 1 at an address, which is that of one',
      replicas,
      'give a list, or a host name',
    );
  }
  return { host, port, replicas, fallback };
}

/** Its services are one cluster, for which a feature is set once: by any of them, or by several alike. */
function ownOptions(members: readonly Placed<Upstream>[]): UpstreamOptions {
  const result: Record<string, unknown> = {};
  for (const { at, service } of members) {
    const { host: _host, port: _port, replicas: _replicas, ...own } = service;
    for (const [name, value] of Object.entries(own)) {
      if (Object.hasOwn(result, name) && JSON.stringify(result[name]) !== JSON.stringify(value)) {
        invalidOption(
          `${at}.${name}`,
          'must be the same for all services of one upstream, which Envoy treats alike',
          // What is in it may be a secret.
          keysOf(value),
          'set it at one of them',
        );
      }
      result[name] = value;
    }
  }
  return result;
}

/** The cluster of an upstream, with what the features add to it. */
export function toCluster(
  name: string,
  { option, members }: Pick<UpstreamGroup, 'option' | 'members'>,
  parts: readonly Part<Partial<Cluster>>[],
): Cluster {
  for (const { at, service } of members) {
    // A reference is for whoever resolves it.
    if (!isReference(service.host) && !NAME.test(service.host) && !isAddress(service.host)) {
      invalidOption(`${at}.host`, 'must be a host name or an address', service.host, "write for example 'api'");
    }
    checkedPort(`${at}.port`, service.port);
  }
  const cluster = merge<Partial<Cluster>>([
    { by: option, value: { name } },
    ...parts,
    { by: option, value: { load_assignment: assignment(name, members) } },
  ]) as Cluster;
  // Without a way to look it up, Envoy takes the host as an address.
  const named = members.find(({ service: { host } }) => !isReference(host) && !isAddress(host));
  if (cluster.cluster_type === undefined && named) {
    invalidOption(
      `${named.at}.host`,
      "must be an IP address with discovery.type 'STATIC' or without discovery",
      named.service.host,
      'leave discovery out',
    );
  }
  if (hasFallback(members) && !cluster.health_checks && !cluster.outlier_detection) {
    invalidOption(
      option,
      'has a fallback that is never used, since healthCheck and outlierDetection are both off',
      members.filter(({ fallback }) => fallback).map(({ service: { host } }) => host),
      'leave one of them on',
    );
  }
  return cluster;
}

function assignment(cluster: string, members: readonly Placed<Upstream>[]): LoadAssignment {
  const endpoints = (fallback: boolean) =>
    members
      .filter((one) => one.fallback === fallback)
      .map(({ service: { host, port } }) => ({ endpoint: { address: socketAddress(host, port) } }));
  if (!hasFallback(members)) {
    return { cluster_name: cluster, endpoints: [{ lb_endpoints: endpoints(false) }] };
  }
  return {
    cluster_name: cluster,
    endpoints: [
      { priority: 0, lb_endpoints: endpoints(false) },
      { priority: 1, lb_endpoints: endpoints(true) },
    ],
    // The others take all as long as one of a hundred is well. Envoy's own 140 would give a fallback 30 % once one of two is out.
    policy: { overprovisioning_factor: 10_000 },
  };
}

/** Refuses names of further upstreams that can't be those of clusters, or that no route leads to. */
export function assertUpstreamNames(names: readonly string[], led: readonly (string | undefined)[]): void {
  for (const name of names) {
    if (!/^[a-z][a-z0-9_-]*$/.test(name) || RESERVED.includes(name)) {
      invalidOption(
        `upstreams.${name}`,
        `must have a name of small letters, digits, '-' and '_', and none of ${RESERVED.join(', ')}`,
        name,
        'rename it',
      );
    }
    if (!led.includes(name)) {
      invalidOption(
        `upstreams.${name}`,
        'is led to by no route',
        name,
        `write for example routes: [{ path: '/${name}', upstream: '${name}' }]`,
      );
    }
  }
}

/** The clusters that are there anyway. */
const RESERVED: readonly string[] = [UPSTREAM, ADMIN];
