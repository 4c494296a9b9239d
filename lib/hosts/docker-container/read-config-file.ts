import { readFileSync } from 'node:fs';
import type { Bootstrap, EnvoyVersion } from '../../../envoy';
import { checkSource, invalidOption, sourceFormat } from '../../../envoy/host-api';

/** Reads an `envoy.yaml` as Envoy reads it. What Envoy would refuse in it is told with its line. */
export function readConfigFile(path: string, version: EnvoyVersion): Bootstrap {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    invalidOption(
      'configFile',
      `can't be read (${(error as NodeJS.ErrnoException).code})`,
      path,
      `name a file, from the folder ${JSON.stringify(process.cwd())} on`,
    );
  }
  const { value, problems } = checkSource(text, sourceFormat(path), version);
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    const lines = errors.map(
      ({ line, column, path: at, message }) => `${path}:${line}:${column} ${at === '' ? '' : `${at} `}${message}`,
    );
    throw new Error([`Envoy ${version} would refuse the configFile:`, ...lines].join('\n  '));
  }
  return value as Bootstrap;
}
