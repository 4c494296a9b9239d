import type { Bytes, Duration } from '../../envoy';
import type { IDockerNetwork } from '../docker/docker-network';
import type { Rollout } from '../docker/revision';
import type { ApiFile } from './container-files';

export interface ApiServiceProps {
  /**
   * The image, best by its digest: `repository@sha256:…`. Taken from the host if it is there, else pulled.
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
  /** The network on which its sidecar finds it. It publishes no port: the sidecar is the only way in. */
  readonly network: IDockerNetwork;
  /**
   * The name of its containers, to which a revision and a number are added, and the host name of all of them together: one
   * that nobody else in the stack has.
   *
   * @default - the construct's path, stack and all
   */
  readonly name?: string;
  /**
   * Whether the image stays on the host when it isn't used any more.
   *
   * @default true, since other stacks may use it and pulling it again takes time
   */
  readonly keepImageLocally?: boolean;
  /**
   * What runs in place of the image's command.
   *
   * @default - the image's own
   * @example ['node', 'server.js']
   */
  readonly command?: readonly string[];
  /**
   * What runs in place of the image's entry point.
   *
   * @default - the image's own
   */
  readonly entrypoint?: readonly string[];
  /**
   * Environment variables. What is secret here can be seen with `docker inspect` and in Terraform's state.
   *
   * @default - none
   * @secret
   * @example { LOG_LEVEL: 'info' }
   */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * Files by their paths inside the container: `{ '/app/api.py': { source: 'api.py' } }`.
   *
   * @secret
   * @default - none
   * @example { '/app/api.py': { source: 'api.py' } }
   */
  readonly files?: Readonly<Record<string, ApiFile>>;
  /**
   * The path that answers 200 as long as the API is well. With one, a rollout waits for it, and Envoy checks it. `false` for
   * an API that has none: without `healthcheck`, a deploy may then lose requests and keep a version that does not work.
   *
   * @default - none, as `false`, with a warning
   */
  readonly healthPath?: string | false;
  /**
   * The check that Docker runs in the container, as in `HEALTHCHECK`, for images that have no curl, wget, bash,
   * python3 or node. It should fail for the first three seconds in which the API answers, so that Envoy knows a new
   * replica before the old one goes.
   *
   * @see https://docs.docker.com/reference/dockerfile/#healthcheck
   * @default - asks `healthPath`, twice within three seconds
   */
  readonly healthcheck?: readonly string[];
  /**
   * How long a new revision may take to be healthy; then the deploy fails and the old one stays.
   *
   * @default '60s'
   */
  readonly readyTimeout?: Duration;
  /**
   * Folders that outlive a revision, by their paths inside: a volume's name, or a folder of the host with `/` first.
   *
   * @default - none
   */
  readonly volumes?: Readonly<Record<string, string>>;
  /**
   * The user, or `user:group`, that it runs as.
   *
   * @default - the image's own
   */
  readonly user?: string;
  /**
   * Memory of each replica, swap included.
   *
   * @default - no limit
   */
  readonly memory?: Bytes;
  /**
   * Cores for each replica, as 0.5.
   *
   * @default - no limit
   */
  readonly cpus?: number;
  /**
   * When Docker starts a container again that ended.
   *
   * @see https://docs.docker.com/engine/containers/start-containers-automatically/
   * @default 'unless-stopped', so also after the engine was restarted
   */
  readonly restart?: 'no' | 'on-failure' | 'always' | 'unless-stopped';
  /**
   * Containers that serve side by side.
   *
   * @default 1
   */
  readonly replicas?: number;
  /**
   * How long the API may take to end after SIGTERM, to answer what it has begun.
   *
   * @default '30s'
   */
  readonly stopGracePeriod?: Duration;
  /**
   * How a change is made. `recreate` is for an API that must not run twice.
   *
   * @default 'rolling': the new revision is healthy before the old one goes
   */
  readonly rollout?: Rollout;
  /**
   * Labels of its containers, beside those that tell its name and role.
   *
   * @default - none
   */
  readonly labels?: Readonly<Record<string, string>>;
}
