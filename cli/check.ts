import { parseArgs } from 'node:util';
import { DEFAULT_VERSION, ENVOY_VERSIONS, type EnvoyVersion } from '../envoy/check/versions';
import { CannotCheck } from './cannot-check';
import { forPeople, forPrograms, reportOn } from './report';
import { textOf } from './text';

export const HELP = `Says what Envoy would refuse in a configuration, without Envoy.

Usage: cdktf-envoy-sidecar check FILE [--envoy VERSION] [--json]

  FILE             Envoy's Bootstrap as YAML, or as JSON if the name ends in .json; - for the standard input
  --envoy VERSION  the Envoy that will read it: ${ENVOY_VERSIONS.join(', ')} (default: ${DEFAULT_VERSION})
  --json           the problems as JSON
  --help           this text
  --version        the version of this tool

Exit status: 0 no error, 1 errors were found, 2 it can't be checked.
`;

export interface Outcome {
  readonly status: 0 | 1 | 2;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the tool needs of the world around it. */
export interface World {
  /** The version of this package. */
  readonly version: string;
  /** The bytes of a file, or of the standard input for `-`. Throws `CannotCheck` for what can't be read. */
  readonly read: (file: string) => Promise<Uint8Array>;
}

/** The command-line tool, without its process. */
export async function run(args: readonly string[], world: World): Promise<Outcome> {
  try {
    return await outcomeOf(args, world);
  } catch (error) {
    if (error instanceof CannotCheck) {
      return { status: 2, stdout: '', stderr: `cdktf-envoy-sidecar: ${error.message}\n` };
    }
    throw error;
  }
}

async function outcomeOf(args: readonly string[], { version, read }: World): Promise<Outcome> {
  const { options, words } = parse(args);
  if (options.help) {
    return printed(HELP);
  }
  if (options.version) {
    return printed(`${version}\n`);
  }
  const file = fileOf(words);
  const envoy = versionOf(options.envoy);
  const checked = reportOn(file, textOf(file, await read(file)), envoy);
  const stdout = options.json ? forPrograms(checked) : forPeople(checked);
  const { report, isReadable } = checked;
  return { status: isReadable ? (report.errors > 0 ? 1 : 0) : 2, stdout, stderr: '' };
}

const printed = (stdout: string): Outcome => ({ status: 0, stdout, stderr: '' });

function parse(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        envoy: { type: 'string', default: DEFAULT_VERSION },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
        version: { type: 'boolean', default: false },
      },
    });
    return { options: values, words: positionals };
  } catch (error) {
    // Of what Node says: without the kind of the error, and without the hints after the first sentence.
    const [message = ''] = String(error)
      .replace(/^\w+(?: \[\w+\])?: /, '')
      .split('. ');
    throw misused(message.charAt(0).toLowerCase() + message.slice(1));
  }
}

function fileOf([command, file, ...more]: readonly string[]): string {
  if (command !== 'check') {
    throw misused(command === undefined ? 'no command given' : `unknown command ${JSON.stringify(command)}`);
  }
  if (file === undefined) {
    throw misused('no file given');
  }
  if (more.length > 0) {
    throw misused(`one file at a time, got also ${more.map((one) => JSON.stringify(one)).join(', ')}`);
  }
  return file;
}

function misused(message: string): CannotCheck {
  return new CannotCheck(`${message}; write: cdktf-envoy-sidecar check FILE [--envoy VERSION] [--json]`);
}

/** `1.39`, `v1.39` and `1.39.3` are all the minor 1.39. */
function versionOf(text: string): EnvoyVersion {
  const minor = /^v?(\d+\.\d+)(?:\.\d+)?$/.exec(text)?.[1];
  const version = ENVOY_VERSIONS.find((one) => one === minor);
  if (version === undefined) {
    throw new CannotCheck(`--envoy must be one of ${ENVOY_VERSIONS.join(', ')}, got ${JSON.stringify(text)}`);
  }
  return version;
}
