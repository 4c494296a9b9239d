import { join } from 'node:path';
import { until } from '../live/cleanup';
import { run, temporaryFolder } from '../live/envoy';
import { freePort } from '../live/ports';
import { ask } from './ask';

const FOLDER = join(__dirname, 'backends');

type Command = readonly [command: string, ...args: string[]];

interface Kind {
  /** The environment variable of `scripts/setup.sh` with the path of the installed parts. */
  readonly variable: string;
  readonly command: (parts: string, port: number) => Command;
  readonly env?: (parts: string) => NodeJS.ProcessEnv;
}

const at = (port: number) => `127.0.0.1:${port}`;
const python = (...args: [string, ...string[]]): Command => ['python3', '-B', '-m', ...args];
const pythonPath = (parts: string) => ({ PYTHONPATH: `${parts}:${FOLDER}` });
const java =
  (name: string, ...more: string[]) =>
  (classPath: string, port: number): Command => [
    'java',
    '-XX:TieredStopAtLevel=1',
    `-Djava.io.tmpdir=${temporaryFolder()}`,
    '-cp',
    classPath,
    name,
    `${port}`,
    ...more,
  ];

const KINDS = {
  Express: {
    variable: 'ATTACK_EXPRESS',
    command: (_, port) => ['node', join(FOLDER, 'express.js'), `${port}`],
    env: (parts) => ({ NODE_PATH: parts }),
  },
  FastAPI: {
    variable: 'ATTACK_PYTHON',
    command: (_, port) => python('uvicorn', '--port', `${port}`, '--log-level', 'error', 'fastapi_app:app'),
    env: pythonPath,
  },
  Flask: {
    variable: 'ATTACK_PYTHON',
    command: (_, port) =>
      python('gunicorn', '--bind', at(port), '--threads', '4', '--log-level', 'error', 'flask_app:app'),
    env: pythonPath,
  },
  Go: { variable: 'ATTACK_GO', command: (binary, port) => [binary, `${port}`] },
  Tomcat: { variable: 'ATTACK_JAVA', command: java('TomcatBackend') },
  Jetty: { variable: 'ATTACK_JAVA', command: java('JettyBackend') },
  'Jetty, lax': { variable: 'ATTACK_JAVA', command: java('JettyBackend', 'lax') },
  PHP: {
    variable: 'ATTACK_PHP',
    command: (php, port) => [php, '-S', at(port), '-t', join(FOLDER, 'php')],
  },
} satisfies Readonly<Record<string, Kind>>;

export type BackendName = keyof typeof KINDS;
export const BACKENDS = Object.keys(KINDS) as BackendName[];

/** Starts a back end of this kind and waits until it is ready. */
export async function startBackendOf(name: BackendName): Promise<{ host: string; port: number }> {
  const { variable, command, env }: Kind = KINDS[name];
  const parts = process.env[variable];
  if (!parts) {
    throw new Error(
      `${variable} is not set: run 'npm run test:attack', or source the file that 'scripts/setup.sh attack' writes`,
    );
  }
  const port = await freePort();
  const [program, ...args] = command(parts, port);
  const { child, stderr } = run(program, args, { ...process.env, ...env?.(parts) });
  await until(`${name} is ready`, async () => {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`${name} does not start:\n${stderr()}`);
    }
    return (await ask(port, '/').catch(() => undefined))?.handler === 'root';
  });
  return { host: '127.0.0.1', port };
}
