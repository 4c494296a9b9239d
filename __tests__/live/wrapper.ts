import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ADMIN_PORT, CONFIG_FOLDER } from '../../envoy/messages/resource-names';
import { STANDBY_FOLDER } from '../../lib/docker/volumes';
import {
  HOLDER_COMMAND,
  IN_FLIGHT_SECONDS,
  INIT_SCRIPT,
  READY_SCRIPT,
  RUN_SCRIPT,
  toScripts,
} from '../../lib/hosts/entrypoint/scripts';
import { binary } from './binaries';
import { until } from './cleanup';
import { type LiveOptions, type Prepared, prepare, run, temporaryFolder } from './envoy';
import { type Answer, type Call, call } from './http';

export interface Scripted extends Prepared {
  /** The folder in place of STANDBY_FOLDER. */
  readonly standbyFolder: string;
  readonly init: (pod: string, options?: BashOptions) => ReturnType<typeof run>;
  readonly run: (options?: BashOptions & { lastSeconds?: number }) => ReturnType<typeof run>;
  readonly ready: () => Promise<number | string>;
  /** What the pod holder runs, with the copy that `init` made. */
  readonly hold: () => ReturnType<typeof run>;
}

export interface BashOptions {
  /** A command that starts bash. */
  readonly through?: readonly string[];
  /** Folders at the start of the PATH. */
  readonly shims?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** Writes the scripts of a sidecar to a folder of this test, with Envoy in the PATH. */
export async function prepareScripts(options: LiveOptions): Promise<Scripted> {
  const prepared = await prepare(options);
  const { spec, folder, adminAddress, args } = prepared;
  const standbyFolder = temporaryFolder();
  const here = (text: string) =>
    text.replaceAll(CONFIG_FOLDER, folder).replaceAll(new RegExp(`${STANDBY_FOLDER}\\b(?!\\.sh)`, 'g'), standbyFolder);
  for (const { path, content } of toScripts(spec)) {
    writeFileSync(here(path), here(content));
  }
  // The user of Envoy's image cannot read the folders of this machine, so that Envoy runs as the current user.
  const withoutUserChange = createShim(
    'setpriv',
    '[[ $* == "--reuid 101 --regid 101 --clear-groups envoy "* ]] && exec "${@:6}"',
  );
  const bash = (rest: readonly string[], { through = [], shims = [], env = {} }: BashOptions = {}) => {
    const [command = '', ...before] = [...through, 'bash'];
    const PATH = [...shims, withoutUserChange, dirname(binary()), process.env.PATH].join(':');
    return run(command, [...before, ...rest], { ...process.env, ...env, PATH });
  };
  return {
    ...prepared,
    standbyFolder,
    init: (pod, bashOptions) => bash([here(INIT_SCRIPT), pod, adminAddress, ...args], bashOptions),
    run: ({ lastSeconds = IN_FLIGHT_SECONDS, ...bashOptions } = {}) =>
      bash(
        [here(RUN_SCRIPT), adminAddress, `${ADMIN_PORT}`, `${spec.drainSeconds}`, `${lastSeconds}`, ...args],
        bashOptions,
      ),
    ready: () => bash([here(READY_SCRIPT), adminAddress, `${ADMIN_PORT}`]).ended,
    hold: () => {
      // The pod holder mounts its copy at the path that a revision uses for its own.
      for (const name of readdirSync(standbyFolder)) {
        const file = join(standbyFolder, name);
        writeFileSync(file, readFileSync(file, 'utf8').replaceAll(folder, standbyFolder));
      }
      return bash(['-c', HOLDER_COMMAND.replaceAll(CONFIG_FOLDER, standbyFolder)]);
    },
  };
}

/** Creates a folder for the PATH with a command that runs this script. */
export function createShim(command: string, script: string): string {
  const bin = temporaryFolder();
  writeFileSync(join(bin, command), `#!/bin/bash\n${script}\n`, { mode: 0o755 });
  return bin;
}

export interface Wrapped extends Scripted, ReturnType<typeof run> {
  readonly call: (request?: Omit<Call, 'port'>) => Promise<Answer>;
}

/** Starts Envoy as the container of the sidecar does, and waits until it is ready. */
export async function startWrapped(options: LiveOptions, lastSeconds?: number): Promise<Wrapped> {
  const scripted = await prepareScripts(options);
  const wrapper = scripted.run(lastSeconds === undefined ? {} : { lastSeconds });
  await until('ready.sh exits with 0', async () => (await scripted.ready()) === 0);
  return { ...scripted, ...wrapper, call: (request = {}) => call({ port: scripted.port, ...request }) };
}
