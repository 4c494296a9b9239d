import { type Construct, Container } from '../cdk';
import { HARDENED_SETTINGS, LOG_ROTATION } from '../docker/container-settings';
import { toLabels } from '../docker/docker-names';

interface DelayedRemoval {
  /** The container that replaces an old one. */
  readonly replacement: Container;
  /** An image that has `sleep`. */
  readonly image: string;
}

/** Sidecars resolve the service's name and check its health each second. A new service starts in less than a second. */
const DELAY_SECONDS = 5;

/**
 * Keeps the old service for some seconds after the new one has started: Terraform removes a replaced container when all
 * resources that depend on the new one exist. It does not wait for a healthy service, since the image has nothing to check it with.
 */
export function delayRemoval(scope: Construct, name: string, { replacement, image }: DelayedRemoval): void {
  new Container(scope, 'delayed-removal', {
    ...HARDENED_SETTINGS,
    ...LOG_ROTATION,
    name: `${name}-delayed-removal`,
    image,
    user: '65532:65532',
    readOnly: true,
    entrypoint: ['sleep'],
    command: [String(DELAY_SECONDS)],
    // Has Terraform replace this container, and so wait, with each new service.
    env: [`AFTER=${replacement.id}`],
    networkMode: 'none',
    restart: 'no',
    labels: toLabels(name, 'delayed-removal'),
    mustRun: false,
    attach: true,
  });
}
