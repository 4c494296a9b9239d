import { parseArgs } from 'node:util';
import { ENVOY_VERSIONS, type EnvoyVersion } from '../envoy';
import { DEFAULT_VERSION } from '../envoy/host-api';
import { decodeText } from './decode-text';
import { type CheckedFile, checkFile, formatJson, formatText } from './format-report';
import { formatGithubAnnotations } from './github-annotations';
import { formatSarif } from './sarif';
import { UsageError } from './usage-error';

export const HELP = `Says what Envoy would refuse in a configuration, without Envoy.

Usage: cdktf-envoy-sidecar check PATH... [--envoy VERSION] [--format FORMAT]

  PATH             Envoy's Bootstrap as YAML, or as JSON if the name ends in .json; - for the standard input; of a
                   folder, all .yaml, .yml and .json files below it that have static_resources or dynamic_resources
  --envoy VERSION  the Envoy that will read it: ${ENVOY_VERSIONS.join(', ')} (default: ${DEFAULT_VERSION})
  --format FORMAT  text, json, github (annotations of a workflow) or sarif (default: text)
  --json           the same as --format json
  --help           this text
  --version        the version of this tool

Exit status: 0 no error, 1 errors were found, 2 a file can't be checked.
`;

const USAGE = 'cdktf-envoy-sidecar check PATH... [--envoy VERSION] [--format FORMAT]';

export interface Outcome {
  readonly status: 0 | 1 | 2;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the tool needs of the world around it. */
export interface Environment {
  /** The version of this package. */
  readonly version: string;
  /** The bytes of a file, or of the standard input for `-`. Throws `UsageError` for what can't be read. */
  readonly read: (file: string) => Promise<Uint8Array>;
  /** The files below a folder, in order; nothing for a path that is no folder. */
  readonly findFilesBelow: (path: string) => Promise<readonly string[] | undefined>;
}

/** The command-line tool, without its process. */
export async function run(args: readonly string[], world: Environment): Promise<Outcome> {
  try {
    return await runCommand(args, world);
  } catch (error) {
    if (error instanceof UsageError) {
      return { status: 2, stdout: '', stderr: toErrorLine(error) };
    }
    throw error;
  }
}

const toErrorLine = ({ message }: UsageError) => `cdktf-envoy-sidecar: ${message}\n`;

const FORMATTERS: Readonly<Record<string, (checked: readonly CheckedFile[], version: string) => string>> = {
  text: formatText,
  json: formatJson,
  github: formatGithubAnnotations,
  sarif: formatSarif,
};

async function runCommand(args: readonly string[], world: Environment): Promise<Outcome> {
  const { options, words } = parseCommandLine(args);
  if (options.help) {
    return toOutput(HELP);
  }
  if (options.version) {
    return toOutput(`${world.version}\n`);
  }
  const paths = requirePaths(words);
  const envoy = parseVersion(options.envoy);
  const format = findFormatter(options.format ?? (options.json ? 'json' : 'text'));
  const checked: CheckedFile[] = [];
  let stderr = '';
  const readAndCheck = async (file: string, isWanted: (text: string) => boolean) => {
    try {
      const text = decodeText(file, await world.read(file));
      if (isWanted(text)) {
        checked.push(checkFile(file, text, envoy));
      }
    } catch (error) {
      if (!(error instanceof UsageError)) {
        throw error;
      }
      stderr += toErrorLine(error);
    }
  };
  for (const path of paths) {
    const files = path === '-' ? undefined : await world.findFilesBelow(path);
    const before = checked.length;
    for (const file of files ?? [path]) {
      await readAndCheck(file, (text) => files === undefined || IS_BOOTSTRAP.test(text));
    }
    if (files !== undefined && checked.length === before) {
      stderr += toErrorLine(new UsageError(`${path} has no file with static_resources or dynamic_resources in it`));
    }
  }
  const isUnread = stderr !== '' || checked.some(({ isReadable }) => !isReadable);
  const status = isUnread ? 2 : checked.some(({ report }) => report.errors > 0) ? 1 : 0;
  return { status, stdout: checked.length > 0 ? format(checked, world.version) : '', stderr };
}

/** What a file of a folder has that is a configuration of Envoy. */
const IS_BOOTSTRAP = /^\s*\{?\s*["']?(static|dynamic)(_r|R)esources["']?\s*:/m;

const toOutput = (stdout: string): Outcome => ({ status: 0, stdout, stderr: '' });

function parseCommandLine(args: readonly string[]) {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        envoy: { type: 'string', default: DEFAULT_VERSION },
        format: { type: 'string' },
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
    throw usageError(message.charAt(0).toLowerCase() + message.slice(1));
  }
}

function requirePaths([command, ...paths]: readonly string[]): readonly string[] {
  if (command !== 'check') {
    throw usageError(command === undefined ? 'no command given' : `unknown command ${JSON.stringify(command)}`);
  }
  if (paths.length === 0) {
    throw usageError('no file given');
  }
  return paths;
}

function usageError(message: string): UsageError {
  return new UsageError(`${message}; write: ${USAGE}`);
}

function findFormatter(name: string): (checked: readonly CheckedFile[], version: string) => string {
  const format = Object.hasOwn(FORMATTERS, name) ? FORMATTERS[name] : undefined;
  if (format === undefined) {
    throw new UsageError(`--format must be one of ${Object.keys(FORMATTERS).join(', ')}, got ${JSON.stringify(name)}`);
  }
  return format;
}

/** `1.39`, `v1.39` and `1.39.3` are all the minor 1.39. */
function parseVersion(text: string): EnvoyVersion {
  const minor = /^v?(\d+\.\d+)(?:\.\d+)?$/.exec(text)?.[1];
  const version = ENVOY_VERSIONS.find((one) => one === minor);
  if (version === undefined) {
    throw new UsageError(`--envoy must be one of ${ENVOY_VERSIONS.join(', ')}, got ${JSON.stringify(text)}`);
  }
  return version;
}
