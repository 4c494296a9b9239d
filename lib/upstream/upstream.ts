import type { UpstreamOptions } from '../../envoy';
import type { Container, ITerraformDependable } from '../cdk';
import type { IDockerNetwork } from '../docker/docker-network';
import type { Rollout } from '../docker/revision';

/**
 * What can stand behind a sidecar: an `ApiService`, another sidecar, or a host and port of anything else in the stack.
 *
 * A host that is a Terraform reference makes Terraform replace its owner the way the sidecar is replaced: with
 * `rollout: 'rolling'` the new one is created while the old one still has its name. Where that can't be, write the name out.
 *
 * What is written out can have options of features of its own, as `upstreamTls` or `circuitBreaker`, over those of the sidecar.
 */
export interface IUpstream extends UpstreamOptions {
  /**
   * Host name or address. May be a Terraform reference.
   *
   * @example 'api'
   */
  readonly host: string;
  /**
   * A literal number.
   *
   * @example 8080
   */
  readonly port: number;
  /**
   * How many there are of it at the host, each at an address of its own; where there is a fallback, one of several that fails
   * a request is followed by another of them before. Given by `ApiService`.
   *
   * @default 1
   */
  readonly replicas?: number;
  /**
   * The network on which the host is found.
   *
   * @default - that of the sidecar
   */
  readonly network?: IDockerNetwork;
  /**
   * The path that answers 200 while the service is healthy; with one, Envoy checks.
   *
   * @default - none
   */
  readonly healthPath?: string;
  /**
   * What has to be there before the sidecar starts. For resources of another stack, that stack is deployed first.
   *
   * @default - none
   */
  readonly dependsOn?: readonly ITerraformDependable[];
  /**
   * How a change of it is made.
   *
   * @default 'rolling'
   */
  readonly rollout?: Rollout;
  /** Moves the containers into the network namespace of another, for `isolation: 'pod'`. Given by `ApiService`. */
  joinPod?(podHolder: Container): void;
}
