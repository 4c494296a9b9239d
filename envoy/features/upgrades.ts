import type { RouteFragment } from '../fragments/fragment';
import { HTTP_TOKEN } from '../options/http-token';
import { nearest } from '../options/suggest';
import { invalidOption } from '../options/validate';
import type { RouteContext } from './feature';

/**
 * Passes WebSockets, and other protocols by name, to the API. Authentication, authorization and rate limits see the request
 * before. An open connection counts in `circuitBreaker`, outlives `timeouts.request`, and ends when no byte passes for
 * `timeouts.streamIdle`. Other upgrades get 403.
 */
export interface UpgradeOptions {
  /**
   * Names of the protocols, as clients send them in the header `upgrade`.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/http/upgrades
   * @default ['websocket'] - most APIs use no other protocol
   * @example ['websocket', 'tcp']
   */
  readonly types?: readonly string[];
}

const DEFAULT_TYPES = ['websocket'];

/** Protocols that the sidecar never passes, with the remedy. */
const REFUSED: readonly (readonly [RegExp, string])[] = [
  [/^h2c$/i, 'clients could hide requests from every rule in it; leave it out'],
  [/^tls\//i, 'use the feature tls'],
  [/^connect/i, 'the API would be a tunnel to other hosts; leave it out'],
];

function assertType(path: string, type: string, others: readonly string[]): void {
  if (!type.split('/').every((part) => HTTP_TOKEN.test(part))) {
    invalidOption(path, 'must be the name of a protocol', type, "write for example 'websocket'");
  }
  const remedy = REFUSED.find(([pattern]) => pattern.test(type))?.[1];
  if (remedy !== undefined) {
    invalidOption(path, 'must not be passed to the API', type, remedy);
  }
  const meant = nearest(type, DEFAULT_TYPES);
  if (meant !== undefined && meant !== type.toLowerCase()) {
    invalidOption(path, 'is no known protocol', type, `did you mean '${meant}'?`);
  }
  if (others.some((other) => other.toLowerCase() === type.toLowerCase())) {
    invalidOption(path, 'is there twice', type, 'leave one of them out');
  }
}

function route(
  { types: own }: UpgradeOptions,
  { inherited: { types: ofProxy = DEFAULT_TYPES } = {} }: RouteContext<UpgradeOptions>,
): RouteFragment {
  const types = own ?? ofProxy;
  if (types.length === 0) {
    invalidOption('upgrades.types', 'must name a protocol', types, 'write upgrades: false');
  }
  types.forEach((type, index) => {
    assertType(`upgrades.types[${index}]`, type, types.slice(0, index));
  });
  return { action: { upgrade_configs: types.map((upgrade_type) => ({ upgrade_type })) } };
}

export const upgrades = { onByDefault: true as const, route };
