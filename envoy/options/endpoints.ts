import { invalidOption, refuseUnknown } from './validate';

/** One service, or several that answer the same requests. */
export type OneOrMore<Service> = Service | readonly (Service | Member<Service>)[];

/** One of several services, with its part among them. */
export interface Member<Service> {
  readonly service: Service;
  /**
   * Gets requests only while none of the others is well, and a request's retry when these have failed it. Several share what
   * comes. With one, health check, outlier detection and retries are what a failover needs, unless they are set.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/upstream/load_balancing/priority
   */
  readonly fallback: boolean;
}

/** What features know of those behind one upstream. */
export interface Server {
  readonly host: string;
  readonly port: number;
  /** How many there are of it; one, if it doesn't say. */
  readonly replicas?: number;
  readonly fallback: boolean;
}

/** A service with the option that it was given at, as `upstream` or `upstream[1].service`. */
export interface Placed<Service> extends Member<Service> {
  readonly at: string;
}

/** The services of an upstream in their order. Without fallbacks, all are balanced together. */
export function membersOf<Service extends object>(at: string, given: OneOrMore<Service>): readonly Placed<Service>[] {
  if (!isList(given)) {
    return [{ at, service: given, fallback: false }];
  }
  const members = given.map((one, index): Placed<Service> => {
    if (!isMember(one)) {
      return { at: `${at}[${index}]`, service: one, fallback: false };
    }
    const { service, fallback, ...unknown } = one;
    refuseUnknown(`${at}[${index}]`, unknown);
    return { at: `${at}[${index}].service`, service, fallback };
  });
  if (members.every(({ fallback }) => fallback)) {
    invalidOption(
      at,
      'must have a service that is no fallback',
      members.length,
      'write for example [api, { service: spare, fallback: true }]',
    );
  }
  return members;
}

export const hasFallback = (servers: readonly Pick<Server, 'fallback'>[]) => servers.some(({ fallback }) => fallback);

function isList<Service>(given: OneOrMore<Service>): given is readonly (Service | Member<Service>)[] {
  return Array.isArray(given);
}

function isMember<Service extends object>(one: Service | Member<Service>): one is Member<Service> {
  return 'service' in one;
}
