import type { UpstreamOptions } from '../../envoy';
import type { Container, ITerraformDependable } from '../cdk';
import type { IDockerNetwork } from '../docker/docker-network';
import type { Rollout } from '../docker/revision';

/**
 * A service behind a sidecar: an `ApiService`, another sidecar, or the host and port of anything else.
 *
 * If the host is a Terraform reference, Terraform replaces the resource that it refers to as it replaces the sidecar. With
 * `rollout: 'rolling'` it creates the new resource while the old one still has its name. Write a literal host name if two such
 * resources can't exist at the same time.
 *
 * A literal upstream can set options of features, such as `upstreamTls` or `circuitBreaker`. They override those of the sidecar.
 *
 * @example { host: 'billing.example.com', port: 443, upstreamTls: {} }
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
   * The number of servers behind the host name, each with its own address. With a fallback, Envoy retries a failed request on another
   * of them before it uses the fallback. `ApiService` sets it.
   *
   * @default 1
   */
  readonly replicas?: number;
  /**
   * The network on which the host is reachable.
   *
   * @default - the network of the sidecar
   */
  readonly network?: IDockerNetwork;
  /**
   * The path that answers 200 while the service is healthy. With it, Envoy checks the health of the service.
   *
   * @default - none
   */
  readonly healthPath?: string;
  /**
   * Resources that must exist before the sidecar starts. If they belong to another stack, that stack is deployed first.
   *
   * @default - none
   */
  readonly dependsOn?: readonly ITerraformDependable[];
  /**
   * How Terraform replaces the service.
   *
   * @default 'rolling'
   */
  readonly rollout?: Rollout;
  /** Moves the containers into the network namespace of the pod holder, for `isolation: 'pod'`. `ApiService` has it. */
  joinPod?(podHolder: Container): void;
}
