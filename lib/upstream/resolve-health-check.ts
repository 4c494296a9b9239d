import type { UpstreamOptions } from '../../envoy';
import { asksFor } from '../../envoy/host-api';

export type HealthCheck = UpstreamOptions['healthCheck'];

interface HealthCheckSources {
  /** The sidecar's option `healthCheck`. */
  readonly sidecar?: HealthCheck | undefined;
  /** The option `healthCheck` of the upstream itself. */
  readonly own?: HealthCheck | undefined;
  /** The `healthPath` of the upstream's services. */
  readonly healthPath?: string | undefined;
  readonly hasFallback?: boolean;
}

/**
 * The option `healthCheck` of a further upstream. `undefined` leaves the decision to the sidecar's option.
 *
 * The kinds of check (`path`, `tcp`, `grpc`, or none at all with `false`) have an order. First comes the upstream's own kind, then
 * the sidecar's `tcp`, `grpc` or `false`, then the upstream's `healthPath`, then the sidecar's `path`. Without any of these,
 * Envoy checks an upstream with a fallback by TCP, and no other.
 */
export function resolveHealthCheck({ own, ...sources }: HealthCheckSources): HealthCheck {
  const kind = defaultKind(sources);
  return own && kind && !asksFor(own) ? { ...kind, ...own } : (own ?? kind);
}

function defaultKind({ sidecar, healthPath, hasFallback = false }: Omit<HealthCheckSources, 'own'>): HealthCheck {
  if (sidecar === false || asksOtherwise(sidecar)) {
    return undefined;
  }
  if (healthPath !== undefined) {
    return { path: healthPath };
  }
  // The path of the sidecar's own upstream is no path of this one.
  return sidecar?.path !== undefined ? undefined : hasFallback && { tcp: true };
}

/** The option `healthCheck` of the sidecar, with the `healthPath` of its upstream unless it names a kind of check itself. */
export function withHealthPath(sidecar: HealthCheck, healthPath: string | undefined): HealthCheck {
  return sidecar === false || healthPath === undefined || asksOtherwise(sidecar)
    ? sidecar
    : { path: healthPath, ...sidecar };
}

/** Whether the option asks for another kind of check than a path. */
export const asksOtherwise = (check: HealthCheck) =>
  check !== false && (check?.tcp !== undefined || check?.grpc !== undefined);
