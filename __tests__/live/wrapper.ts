import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ADMIN_PORT, CONFIG_FOLDER } from '../../envoy/names';
import { CHECK, LAST_REQUESTS_SECONDS, READY, RUN, STAND_IN_FOLDER, scripts } from '../../lib/sidecar-scripts';
import { until } from './cleanup';
import { binary, type LiveOptions, type Prepared, prepare, run, temporaryFolder } from './envoy';
import { type Answer, type Call, call } from './http';

export interface Scripted extends Prepared {
  /** Instead of STAND_IN_FOLDER. */
  readonly standInFolder: string;
  readonly check: (pod: string, shims?: readonly string[]) => ReturnType<typeof run>;
  readonly run: (options?: { lastSeconds?: number; through?: readonly string[] }) => ReturnType<typeof run>;
  readonly ready: () => Promise<number | string>;
}

/** The scripts of a sidecar in a folder of this test, and Envoy where its image has it: in the PATH. */
export async function prepareScripts(options: LiveOptions): Promise<Scripted> {
  const prepared = await prepare(options);
  const { spec, folder, adminAddress, args } = prepared;
  const standInFolder = temporaryFolder();
  const here = (text: string) =>
    text.replaceAll(CONFIG_FOLDER, folder).replaceAll(new RegExp(`${STAND_IN_FOLDER}\\b(?!\\.sh)`, 'g'), standInFolder);
  for (const { path, content } of scripts(spec)) {
    writeFileSync(here(path), here(content));
  }
  const bash = (
    script: string,
    rest: readonly string[],
    through: readonly string[] = [],
    shims: readonly string[] = [],
  ) => {
    const [command = '', ...before] = [...through, 'bash', here(script)];
    const PATH = [...shims, dirname(binary()), process.env.PATH].join(':');
    return run(command, [...before, ...rest], { ...process.env, PATH });
  };
  return {
    ...prepared,
    standInFolder,
    check: (pod, shims) => bash(CHECK, [pod, adminAddress, ...args], [], shims),
    run: ({ lastSeconds = LAST_REQUESTS_SECONDS, through } = {}) =>
      bash(RUN, [adminAddress, `${ADMIN_PORT}`, `${spec.drainSeconds}`, `${lastSeconds}`, ...args], through),
    ready: () => bash(READY, [adminAddress, `${ADMIN_PORT}`]).ended,
  };
}

/** A folder for the head of the PATH, with a command that does this instead. */
export function shim(command: string, script: string): string {
  const bin = temporaryFolder();
  writeFileSync(join(bin, command), `#!/bin/bash\n${script}\n`, { mode: 0o755 });
  return bin;
}

export interface Wrapped extends Scripted, ReturnType<typeof run> {
  readonly call: (request?: Omit<Call, 'port'>) => Promise<Answer>;
}

/** Envoy as the sidecar's container runs it, once READY says so. */
export async function startWrapped(options: LiveOptions, lastSeconds?: number): Promise<Wrapped> {
  const scripted = await prepareScripts(options);
  const wrapper = scripted.run(lastSeconds === undefined ? {} : { lastSeconds });
  await until('ready.sh says 0', async () => (await scripted.ready()) === 0);
  return { ...scripted, ...wrapper, call: (request = {}) => call({ port: scripted.port, ...request }) };
}
