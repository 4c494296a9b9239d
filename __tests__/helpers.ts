import { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import { type TerraformResource, TerraformStack, Testing } from 'cdktf';
import type {} from 'cdktf/lib/testing/adapters/jest';
import type { IConstruct } from 'constructs';
import type { Bootstrap, HttpConnectionManager, Route, RouteAction } from '../envoy/messages/builders';
import { ApiService, type ApiServiceProps, DockerNetwork, EnvoySidecar, type EnvoySidecarProps } from '../lib';

/** Returns the HTTP connection manager of a listener. */
export function managerOf(bootstrap: Bootstrap, listener = 0): HttpConnectionManager {
  const config = bootstrap.static_resources?.listeners?.[listener]?.filter_chains?.[0]?.filters?.[0]?.typed_config;
  return config as unknown as HttpConnectionManager;
}

/** The default HTTP filters that run first, in order. */
export const DEFAULT_FILTERS = ['envoy.filters.http.rbac.malformed'];

/** The default HTTP filters that run last, after all filters that reject requests by their headers. */
export const DEFAULT_LAST_FILTERS = [
  'envoy.filters.http.buffer.small',
  'envoy.filters.http.adaptive_concurrency.streamed',
  'envoy.filters.http.header_mutation.streaming',
];

/** Returns the routes of the first listener, in order. */
export function routesIn(bootstrap: Bootstrap): readonly Route[] {
  return managerOf(bootstrap).route_config?.virtual_hosts?.[0]?.routes ?? [];
}

/** Returns the actions of the first listener's routes, in order. */
export function actionsOf(bootstrap: Bootstrap): (RouteAction | undefined)[] {
  return routesIn(bootstrap).map(({ route }) => route);
}

/** Returns the cluster of the API. */
export function upstreamOf(bootstrap: Bootstrap): Record<string, unknown> {
  return { ...bootstrap.static_resources?.clusters?.[0] };
}

/** A resource in the JSON for Terraform. */
export type Resource = Readonly<Record<string, unknown>>;

/** The resources of a synthesized stack, by address. */
export type Resources = Readonly<Record<string, Resource>>;

/** A stack as JSON for Terraform. */
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

  /** Returns the address of the resource at a construct path. */
  public address(path: string): string {
    const construct = path.split('/').reduce<IConstruct>((scope, id) => scope.node.findChild(id), this.stack);
    const { terraformResourceType: type, friendlyUniqueId: id } = construct as TerraformResource;
    return `${type}.${id}`;
  }

  /** Returns the resource at a construct path. */
  public at(path: string): Resource {
    return this.resources[this.address(path)] as Resource;
  }
}

/** Builds, validates and synthesizes a stack. */
export function synth(build: (stack: TerraformStack) => void, name = 'calc', app = Testing.app()): Synthesized {
  const stack = new TerraformStack(app, name);
  new DockerProvider(stack, 'docker');
  build(stack);
  return new Synthesized(stack, Testing.synth(stack, true));
}

/** Synthesizes the stack of the example: an internal network, an API and its sidecar. */
export function calculator(envoy: Partial<EnvoySidecarProps> = {}, api: Partial<ApiServiceProps> = {}): Synthesized {
  return synth((stack) => {
    const network = new DockerNetwork(stack, 'network', { internal: true });
    const base = { image: 'api:1', port: 8080, healthPath: '/health', network };
    const upstream = new ApiService(stack, 'api', { ...base, ...api });
    new EnvoySidecar(stack, 'envoy', { upstream, ...envoy });
  });
}

/** Returns the synthesis warnings of a stack, each with its construct path. */
export function warningsOf(stack: TerraformStack): string[] {
  return stack.node
    .findAll()
    .flatMap(({ node }) =>
      node.metadata.filter(({ type }) => type === '@cdktf/warn').map(({ data }) => `${node.path}: ${data}`),
    );
}

/** The attributes that Terraform changes without replacing the container (kreuzwerker/docker 3.6.2 to 4.5). */
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

/** Returns the changed attributes that make Terraform replace the container. */
export function replacing(one: Resource, other: Resource): string[] {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return names.filter((name) => !IN_PLACE.includes(name) && JSON.stringify(one[name]) !== JSON.stringify(other[name]));
}
