import { assemble, type EnvoyOptions } from '../../envoy';
import { startEnvoy } from '../live/envoy';
import { freePort } from '../live/ports';
import { follow } from './ask';
import { type BackendName, startBackendOf } from './backends';
import { hostSpellings, pathSpellings } from './spellings';

type Upstream = { readonly host: string; readonly port: number };

/** Options with a restriction, and requests that try to bypass it. */
interface Attack {
  readonly name: string;
  readonly options: (upstream: Upstream) => Promise<EnvoyOptions> | EnvoyOptions;
  /** The handlers of the back end that no request may reach. */
  readonly denied: readonly string[];
  readonly requests: (thorough: boolean) => readonly { readonly path: string; readonly host: string }[];
  /** Skipped unless the attack is thorough. */
  readonly onlyThorough?: true;
}

const paths = (list: readonly string[]) => list.map((path) => ({ path, host: 'api' }));
const DENIED = { authorization: { allow: 'all', deny: [{ paths: ['/admin'] }] } } as const;

const ATTACKS: readonly Attack[] = [
  {
    name: 'a denied path',
    options: (upstream) => ({ upstream, ...DENIED }),
    denied: ['admin'],
    requests: (all) => paths(pathSpellings('admin', { all })),
  },
  {
    name: "a denied path with a user's bootstrap",
    options: async (upstream) => {
      const plain = { pathNormalization: false, headers: false, adminView: false } as const;
      const { bootstrap } = assemble({ upstream, port: await freePort(), ...plain });
      return { upstream, baseConfig: bootstrap, ...DENIED, pathNormalization: {}, headers: {}, adminView: false };
    },
    denied: ['admin'],
    requests: (all) => paths(pathSpellings('admin', { all })),
    onlyThorough: true,
  },
  {
    name: 'all but a public path',
    options: (upstream) => ({
      upstream,
      basicAuth: { users: { anna: 'not-a-real-password' } },
      authentication: { publicPaths: ['/public'] },
    }),
    denied: ['admin', 'closed', 'root'],
    requests: (all) => paths(pathSpellings('closed', { below: '/public', all })),
  },
  {
    name: 'a route with hosts',
    options: (upstream) => ({
      upstream,
      routes: [{ path: '/', hosts: ['admin.example.com'], directResponse: { status: 403 } }],
    }),
    denied: ['admin-host'],
    requests: () => hostSpellings('admin.example.com').map((host) => ({ path: '/x', host })),
  },
];

export interface Result {
  /** The restriction. */
  readonly name: string;
  readonly requests: number;
  /** The number of requests that reach a denied handler without Envoy. Counted only in a thorough attack. */
  readonly readAsDenied: number;
  /** The number of requests that reached an allowed handler. */
  readonly served: number;
  /** The requests that reached a denied handler. */
  readonly reached: readonly string[];
}

/** More concurrent requests would only wait for the two cores. */
const AT_ONCE = 16;

/**
 * Sends the requests of each attack through Envoy to a back end of this kind.
 *
 * @param thorough - sends more spellings, and each also without Envoy
 */
export async function attackBackend(backend: BackendName, thorough = false): Promise<Result[]> {
  const upstream = await startBackendOf(backend);
  const results: Result[] = [];
  for (const one of ATTACKS.filter(({ onlyThorough = false }) => thorough || !onlyThorough)) {
    results.push(await attack(one, upstream, thorough));
  }
  return results;
}

async function attack(
  { name, options, denied, requests }: Attack,
  upstream: Upstream,
  thorough: boolean,
): Promise<Result> {
  const envoy = await startEnvoy(await options(upstream));
  const list = requests(thorough);
  const queue = [...list];
  const reached: string[] = [];
  let readAsDenied = 0;
  let served = 0;
  const isDenied = (handler: string | undefined) => handler !== undefined && denied.includes(handler);
  const work = async () => {
    for (let next = queue.pop(); next; next = queue.pop()) {
      const { path, host } = next;
      const direct = thorough ? await follow(upstream.port, path, host).catch(() => undefined) : undefined;
      readAsDenied += isDenied(direct?.handler) ? 1 : 0;
      const { status, handler } = await follow(envoy.port, path, host);
      served += handler !== undefined && !isDenied(handler) ? 1 : 0;
      if (isDenied(handler)) {
        reached.push(`${name}: ${JSON.stringify(next)} reached '${handler}' with ${status}`);
      }
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await envoy.stop();
  return { name, requests: list.length, readAsDenied, served, reached };
}
