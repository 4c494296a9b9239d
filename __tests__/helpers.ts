import { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import { type TerraformResource, TerraformStack, Testing } from 'cdktf';
import type {} from 'cdktf/lib/testing/adapters/jest';
import type { IConstruct } from 'constructs';
import type { Bootstrap, HttpConnectionManager, RouteAction } from '../envoy/api';

/** The configuration of the only network filter of a listener. */
export function managerOf(bootstrap: Bootstrap, listener = 0): HttpConnectionManager {
  const config = bootstrap.static_resources?.listeners?.[listener]?.filter_chains[0]?.filters[0]?.typed_config;
  return config as unknown as HttpConnectionManager;
}

/** What the routes of the first listener do, in their order. */
export function actionsOf(bootstrap: Bootstrap): (RouteAction | undefined)[] {
  return managerOf(bootstrap).route_config?.virtual_hosts[0]?.routes.map(({ route }) => route) ?? [];
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
    return (
      (construct as TerraformResource).terraformResourceType + '.' + (construct as TerraformResource).friendlyUniqueId
    );
  }

  /** The resource that a construct path leads to. */
  public at(path: string): Resource {
    return this.resources[this.address(path)] as Resource;
  }
}

/** Makes a stack, and has it checked and synthesized. */
export function synth(build: (stack: TerraformStack) => void, name = 'calc'): Synthesized {
  const stack = new TerraformStack(Testing.app(), name);
  new DockerProvider(stack, 'docker');
  build(stack);
  return new Synthesized(stack, Testing.synth(stack, true));
}
