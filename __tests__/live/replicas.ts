import type http from 'node:http';
import type { EnvoyOptions, Upstream } from '../../envoy';
import { type Backend, startBackend } from './backend';
import { type Dns, startDns } from './dns';
import { type Envoy, type LiveOptions, startEnvoy } from './envoy';
import { call } from './http';
import { freePort } from './ports';

/** Replicas of one API behind one Envoy, each at an address of its own and with its own address as answer. */
export interface Replicas {
  readonly envoy: Envoy;
  readonly apis: readonly Backend[];
  readonly dns: Dns;
  /** How many of so many requests, one after another, got which status. */
  readonly inTurn: (count: number) => Promise<Record<number, number>>;
  /** How many requests came to each since the last time. */
  readonly shares: () => number[];
}

export async function startReplicas(
  count: number,
  options: Omit<LiveOptions, 'upstream'> & Pick<EnvoyOptions, 'routes'> & { readonly own?: Partial<Upstream> } = {},
): Promise<Replicas> {
  const { own, ...rest } = options;
  const port = await freePort();
  const hosts = ['127.0.0.2', '127.0.0.3', '127.0.0.4', '127.0.0.5'].slice(0, count);
  const apis = await Promise.all(hosts.map((host) => startBackend({ host, port })));
  const dns = await startDns(...hosts);
  const envoy = await startEnvoy({ upstream: { host: 'api.test', port, ...own }, patch: dns.patch, ...rest });
  return {
    envoy,
    apis,
    dns,
    inTurn: async (times) => {
      const counts: Record<number, number> = {};
      for (let time = 0; time < times; time += 1) {
        const { status } = await call({ port: envoy.port });
        counts[status] = (counts[status] ?? 0) + 1;
      }
      return counts;
    },
    shares: () => apis.map(({ seen }) => seen.splice(0).length),
  };
}

/** Answers everything with this status. */
export const answering =
  (status: number): http.RequestListener =>
  (_, response) => {
    response.statusCode = status;
    response.end();
  };
