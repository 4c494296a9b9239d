import { readFileSync } from 'node:fs';
import type { Bootstrap } from '../envoy';
import { readYaml } from '../envoy/read-yaml';
import { fail } from '../envoy/values';

/** Reads an `envoy.yaml` as Envoy reads it. What it can't be read for is told with its lines. */
export function readConfigFile(path: string): Bootstrap {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    fail(
      'configFile',
      `can't be read (${(error as NodeJS.ErrnoException).code})`,
      path,
      `name a file, from the folder ${JSON.stringify(process.cwd())} on`,
    );
  }
  const { value, problems } = readYaml(text, path.endsWith('.json') ? 'json' : 'yaml');
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    const lines = errors.map(({ line, column, message }) => `${path}:${line}:${column} ${message}`);
    throw new Error(['configFile is no configuration of Envoy:', ...lines].join('\n  '));
  }
  return value as Bootstrap;
}
