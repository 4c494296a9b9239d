import { type Construct, Container, type ContainerConfig } from '../cdk';
import { HARDENED_SETTINGS, LOG_ROTATION, oneShot } from '../docker/container-settings';
import { toLabels } from '../docker/docker-names';
import { Revision } from '../docker/revision';
import { escapeText } from '../terraform/escape';

/** The folder in which the rate limit service looks for its limits. */
export const LIMITS_FOLDER = '/etc/ratelimit';
const LIMITS_FILE = `${LIMITS_FOLDER}/config/limits.yaml`;
/** The service ignores this file, since its name begins with a dot. */
const UPLOADED_FILE = `${LIMITS_FOLDER}/config/.new.yaml`;

interface LimitsInitContainerProps {
  /** The image of Redis, since that of the service has no `mv`. */
  readonly image: string;
  /** The limits, as YAML. */
  readonly config: string;
  readonly volumeName: string;
}

/**
 * Puts the limits into the volume of the service, which reads its file again when another replaces it. Without the file the
 * service lets every request pass. So Terraform uploads it under another name, and the container moves it.
 */
export function createLimitsInitContainer(
  scope: Construct,
  name: string,
  { image, config, volumeName }: LimitsInitContainerProps,
): Container {
  const settings = {
    ...HARDENED_SETTINGS,
    ...LOG_ROTATION,
    image,
    // The owner of the volume.
    user: '0:0',
    entrypoint: ['mv'],
    command: [UPLOADED_FILE, LIMITS_FILE],
    networkMode: 'none',
    restart: 'no',
    labels: toLabels(name, 'init'),
  } satisfies Partial<ContainerConfig>;
  const revision = new Revision(scope, 'init-revision', { ...settings, config: escapeText(config) }, 'rolling');
  return new Container(scope, 'init', {
    ...settings,
    name: revision.name(`${name}-init`),
    volumes: [{ volumeName, containerPath: LIMITS_FOLDER }],
    upload: [{ file: UPLOADED_FILE, content: revision.setting('config') }],
    ...oneShot(`The new limits of ${name} can't be put in place. \${self.name} says:\n\${self.container_logs}`),
  });
}
