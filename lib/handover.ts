import { type Construct, Container, type ContainerConfig, type Network } from './cdk';
import { HARDENED, LOG_ROTATION, runsOnce } from './container';
import { Generation } from './generation';
import { labels } from './names';

interface Handover {
  /** What takes over. */
  readonly service: Container;
  readonly redis: { readonly image: string; readonly host: string; readonly network: Network };
}

/** Sidecars look for services each second, and ask each one whether it is well each second; a new one starts in less. */
const SECONDS = 5;

/**
 * Keeps the old service until all sidecars know the new one. Terraform removes what it replaced once all that depends on it has
 * been made, and this has when Redis has answered it once a second.
 */
export function handover(scope: Construct, name: string, { service, redis }: Handover): Container {
  const settings = {
    ...HARDENED,
    ...LOG_ROTATION,
    image: redis.image,
    user: '65532:65532',
    readOnly: true,
    entrypoint: ['redis-cli'],
    command: ['-h', redis.host, '-r', String(SECONDS), '-i', '1', 'ping'],
    networksAdvanced: [{ name: redis.network.id }],
    restart: 'no',
    labels: labels(name, 'handover'),
  } satisfies Partial<ContainerConfig>;
  const generation = new Generation(scope, 'handover-generation', { ...settings, to: service.id }, 'rolling');
  return new Container(scope, 'handover', {
    ...settings,
    name: generation.name(`${name}-handover`),
    ...runsOnce(`Redis of ${name} does not answer. \${self.name} says:\n\${self.container_logs}`),
  });
}
