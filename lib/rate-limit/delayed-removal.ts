import { type Construct, Container } from '../cdk';
import { HARDENED, LOG_ROTATION } from '../docker/container-settings';
import { labels } from '../docker/docker-names';

interface Handover {
  /** What takes over. */
  readonly service: Container;
  /** One that has `sleep`. */
  readonly image: string;
}

/** Sidecars look for services each second, and ask each one whether it is well each second; a new one starts in less. */
const SECONDS = 5;

/**
 * Keeps the old service for a while after the new one was started: Terraform removes what it replaced when all that depends on
 * the new one has been made. Whether the new one runs is not looked at, as nothing in its image could tell.
 */
export function handover(scope: Construct, name: string, { service, image }: Handover): void {
  new Container(scope, 'handover', {
    ...HARDENED,
    ...LOG_ROTATION,
    name: `${name}-handover`,
    image,
    user: '65532:65532',
    readOnly: true,
    entrypoint: ['sleep'],
    command: [String(SECONDS)],
    // Another service is another handover.
    env: [`AFTER=${service.id}`],
    networkMode: 'none',
    restart: 'no',
    labels: labels(name, 'handover'),
    mustRun: false,
    attach: true,
  });
}
