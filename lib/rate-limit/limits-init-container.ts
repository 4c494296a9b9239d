import { type Construct, Container, type ContainerConfig } from '../cdk';
import { HARDENED, LOG_ROTATION, runsOnce } from '../docker/container-settings';
import { labels } from '../docker/docker-names';
import { Generation } from '../docker/revision';
import { terraformText } from '../terraform/escape';

/** Where the service of the rate limit finds its rates. */
export const RATES_FOLDER = '/etc/ratelimit';
const RATES = `${RATES_FOLDER}/config/limits.yaml`;
/** Not read by the service, as it begins with a dot. */
const NEW_RATES = `${RATES_FOLDER}/config/.new.yaml`;

interface Rates {
  /** Of Redis, since that of the service has no programs. */
  readonly image: string;
  readonly config: string;
  readonly volumeName: string;
}

/**
 * Puts the rates into the volume of the service, which reads its file again when another takes its place. It must not be away
 * for a moment, as all would be let pass, so it is uploaded under another name and moved.
 */
export function ratesCarrier(scope: Construct, name: string, { image, config, volumeName }: Rates): Container {
  const settings = {
    ...HARDENED,
    ...LOG_ROTATION,
    image,
    // The owner of the volume.
    user: '0:0',
    entrypoint: ['mv'],
    command: [NEW_RATES, RATES],
    networkMode: 'none',
    restart: 'no',
    labels: labels(name, 'carrier'),
  } satisfies Partial<ContainerConfig>;
  const rates = new Generation(scope, 'rates', { ...settings, config: terraformText(config) }, 'rolling');
  return new Container(scope, 'carrier', {
    ...settings,
    name: rates.name(`${name}-carrier`),
    volumes: [{ volumeName, containerPath: RATES_FOLDER }],
    upload: [{ file: NEW_RATES, content: rates.setting('config') }],
    ...runsOnce(`The new rates of ${name} can't be put in place. \${self.name} says:\n\${self.container_logs}`),
  });
}
