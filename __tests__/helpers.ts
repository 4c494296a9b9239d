import { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import { type TerraformResource, TerraformStack, Testing } from 'cdktf';
import type {} from 'cdktf/lib/testing/adapters/jest';
import type { IConstruct } from 'constructs';
import type { Bootstrap, HttpConnectionManager, RouteAction } from '../envoy/messages/builders';
import { ApiService, type ApiServiceProps, DockerNetwork, EnvoySidecar, type EnvoySidecarProps } from '../lib';

/** The configuration of the only network filter of a listener. */
export function managerOf(bootstrap: Bootstrap, listener = 0): HttpConnectionManager {
  const config = bootstrap.static_resources?.listeners?.[listener]?.filter_chains?.[0]?.filters?.[0]?.typed_config;
  return config as unknown as HttpConnectionManager;
}

/** The filters that are there without being asked for, in the order in which a request meets them. */
export const DEFAULT_FILTERS = ['envoy.filters.http.rbac.malformed'];

/** Those that a request meets last of these, after all that can refuse it by its headers. */
export const DEFAULT_LAST_FILTERS = [
  'envoy.filters.http.buffer.small',
  'envoy.filters.http.adaptive_concurrency.streamed',
];

/** What the routes of the first listener do, in their order. */
export function actionsOf(bootstrap: Bootstrap): (RouteAction | undefined)[] {
  return managerOf(bootstrap).route_config?.virtual_hosts?.[0]?.routes?.map(({ route }) => route) ?? [];
}

/** The cluster of the API. */
export function upstreamOf(bootstrap: Bootstrap): Record<string, unknown> {
  return { ...bootstrap.static_resources?.clusters?.[0] };
}

/** A resource, as Terraform gets it. */
export type Resource = Readonly<Record<string, unknown>>;

/** Every resource of a synthesized stack by its address. */
export type Resources = Readonly<Record<string, Resource>>;

/** A stack in Terraform's words. */
export class Synthesized {
  public readonly resources: Resources;

  constructor(
    private readonly stack: TerraformStack,
    public readonly json: string,
  ) {
    const types = Object.entries((JSON.parse(json).resource ?? {}) as Record<string, Resources>);
    this.resources = Object.fromEntries(
      types.flatMap(([type, all]) => Object.entries(all).map(([id, resource]) => [`${type}.${id}`, resource])),
    );
  }

  public get addresses(): string[] {
    return Object.keys(this.resources).sort();
  }

  /** The address of the resource that a construct path leads to. */
  public address(path: string): string {
    const construct = path.split('/').reduce<IConstruct>((scope, id) => scope.node.findChild(id), this.stack);
    const { terraformResourceType: type, friendlyUniqueId: id } = construct as TerraformResource;
    return `${type}.${id}`;
  }

  /** The resource that a construct path leads to. */
  public at(path: string): Resource {
    return this.resources[this.address(path)] as Resource;
  }
}

/** Makes a stack, and has it checked and synthesized. */
export function synth(build: (stack: TerraformStack) => void, name = 'calc', app = Testing.app()): Synthesized {
  const stack = new TerraformStack(app, name);
  new DockerProvider(stack, 'docker');
  build(stack);
  return new Synthesized(stack, Testing.synth(stack, true));
}

/** The stack of the example: an internal network, an API on it, and its sidecar. */
export function calculator(envoy: Partial<EnvoySidecarProps> = {}, api: Partial<ApiServiceProps> = {}): Synthesized {
  return synth((stack) => {
    const network = new DockerNetwork(stack, 'network', { internal: true });
    const base = { image: 'api:1', port: 8080, healthPath: '/health', network };
    const upstream = new ApiService(stack, 'api', { ...base, ...api });
    new EnvoySidecar(stack, 'envoy', { upstream, ...envoy });
  });
}

/** What the toolkit tells of a stack when it is synthesized, with the path of each construct. */
export function warningsOf(stack: TerraformStack): string[] {
  return stack.node
    .findAll()
    .flatMap(({ node }) =>
      node.metadata.filter(({ type }) => type === '@cdktf/warn').map(({ data }) => `${node.path}: ${data}`),
    );
}

/** What Terraform replaces no container for; all else does (kreuzwerker/docker 3.6.2 to 4.5). */
const IN_PLACE = [
  'memory',
  'memory_swap',
  'restart',
  'destroy_grace_seconds',
  'wait',
  'wait_timeout',
  'lifecycle',
  'depends_on',
];

/** The attributes that differ, and whose difference makes Terraform replace the container. */
export function replacing(one: Resource, other: Resource): string[] {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return names.filter((name) => !IN_PLACE.includes(name) && JSON.stringify(one[name]) !== JSON.stringify(other[name]));
}
