import type { Bytes, Duration } from '../../envoy';
import type { IDockerNetwork } from '../docker/docker-network';
import type { Rollout } from '../docker/revision';
import type { ApiFile } from './container-files';

export interface ApiServiceProps {
  /**
   * The image, best by its digest: `repository@sha256:…`. Docker pulls it unless the host has it.
   *
   * @example 'my-api:1.0'
   */
  readonly image: string;
  /**
   * The port on which the API listens inside its container.
   *
   * @example 8080
   */
  readonly port: number;
  /** The network that the API shares with its sidecar. The API publishes no port, so clients reach it through the sidecar alone. */
  readonly network: IDockerNetwork;
  /**
   * The host name of all replicas, and the beginning of their containers' names. Must be unique in the stack. Container names end
   * with the revision and the replica's number.
   *
   * @default - the path of the construct, including the stack
   */
  readonly name?: string;
  /**
   * Keeps the image on the host when no container uses it any more.
   *
   * @default true, since other stacks may use the image, and pulling it again takes time
   */
  readonly keepImageLocally?: boolean;
  /**
   * Replaces the command of the image.
   *
   * @default - the command of the image
   * @example ['node', 'server.js']
   */
  readonly command?: readonly string[];
  /**
   * Replaces the entry point of the image.
   *
   * @default - the entry point of the image
   */
  readonly entrypoint?: readonly string[];
  /**
   * Environment variables. `docker inspect` and Terraform's state show their values, secrets included.
   *
   * @default - none
   * @secret
   * @example { LOG_LEVEL: 'info' }
   */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Files, by their paths inside the container. The text of a file is in `content`, or in the file `source`, which is read when the
   * stack is synthesized.
   *
   * @secret
   * @default - none
   * @example { '/app/api.py': { source: 'api.py' } }
   */
  readonly files?: Readonly<Record<string, ApiFile>>;
  /**
   * The path that answers 200 while the API is healthy. A rollout waits for it, and Envoy checks it.
   *
   * With `false`, and no `healthcheck`, a deploy may lose requests and may replace a working API by a broken one.
   *
   * @default - none, as `false`, with a warning
   */
  readonly healthPath?: string | false;
  /**
   * The command that Docker runs in the container to check the API, as in `HEALTHCHECK`. Needed if the image has no curl, wget, bash,
   * python3 or node.
   *
   * The check should fail for the first three seconds in which the API answers. Envoy then knows the new replica before the old one
   * goes.
   *
   * @see https://docs.docker.com/reference/dockerfile/#healthcheck
   * @default - requests `healthPath` twice, three seconds apart
   * @example ['CMD', '/check', '--port', '8080']
   */
  readonly healthcheck?: readonly string[];
  /**
   * Time for a new revision to become healthy. After it the deploy fails, and the old revision goes on serving.
   *
   * @default '60s'
   */
  readonly readyTimeout?: Duration;
  /**
   * Folders that outlive a revision, by their paths inside the container. The value is the name of a volume, or the absolute path of a
   * folder on the Docker host.
   *
   * @default - none
   * @example { '/data': 'my-api-data' }
   */
  readonly volumes?: Readonly<Record<string, string>>;
  /**
   * The user that runs the API, as `user` or `user:group`.
   *
   * @default - the user of the image
   */
  readonly user?: string;
  /**
   * Maximum memory of each replica. Docker gives it no swap.
   *
   * @default - no limit
   */
  readonly memory?: Bytes;
  /**
   * Maximum CPU cores of each replica, such as 0.5.
   *
   * @default - no limit
   */
  readonly cpus?: number;
  /**
   * When Docker restarts a container that has ended.
   *
   * @see https://docs.docker.com/engine/containers/start-containers-automatically/
   * @default 'unless-stopped', which includes a restart of the engine
   */
  readonly restart?: 'no' | 'on-failure' | 'always' | 'unless-stopped';
  /**
   * The number of containers that serve at the same time.
   *
   * @default 1
   */
  readonly replicas?: number;
  /**
   * Time between SIGTERM and SIGKILL, for requests in flight.
   *
   * @default '30s'
   */
  readonly stopGracePeriod?: Duration;
  /**
   * How Terraform replaces the API. `recreate` is for an API that must not run twice at the same time.
   *
   * @default 'rolling': the new revision is healthy before the old one goes
   */
  readonly rollout?: Rollout;
  /**
   * Labels of the containers, in addition to those for their name and role.
   *
   * @default - none
   */
  readonly labels?: Readonly<Record<string, string>>;
}
