import type http from 'node:http';
import type { EnvoyOptions, Upstream } from '../../envoy';
import { type Backend, startBackend } from './backend';
import { type Dns, startDns } from './dns';
import { type Envoy, type LiveOptions, startEnvoy } from './envoy';
import { call } from './http';
import { freePort } from './ports';

/** Replicas of one API behind one Envoy. Each has its own address and answers with it. */
export interface Replicas {
  readonly envoy: Envoy;
  readonly apis: readonly Backend[];
  readonly dns: Dns;
  /** Sends requests one after another and counts the responses of each status. */
  readonly inTurn: (count: number) => Promise<Record<number, number>>;
  /** Returns the requests to each replica since the last call. */
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

/** Returns a handler that answers every request with this status. */
export const answering =
  (status: number): http.RequestListener =>
  (_, response) => {
    response.statusCode = status;
    response.end();
  };
