import { DEFAULT_VERSION, ENVOY_VERSIONS, type EnvoyVersion } from '../messages/schema/envoy-minors';
import { loadModel } from '../messages/schema/load';
import type { Problem } from './problem';
import { rules } from './registry';
import { sortProblems } from './sort-problems';
import { walk } from './walk/walk';

export interface CheckOptions {
  /**
   * The minor of the Envoy that will read the configuration.
   *
   * @default '1.39', that of the sidecar's own image
   */
  readonly version?: EnvoyVersion;
}

/**
 * What Envoy would refuse in a bootstrap configuration, as JSON or YAML have it, and what it would warn of: all of it, in
 * the order of the configuration. Without an error, Envoy accepts it.
 */
export function check(config: unknown, { version = DEFAULT_VERSION }: CheckOptions = {}): Problem[] {
  if (!ENVOY_VERSIONS.includes(version)) {
    throw new Error(`Envoy ${version} is not supported; choose one of ${ENVOY_VERSIONS.join(', ')}`);
  }
  const { problems, messages, toWrittenPath } = walk(loadModel(), version, config);
  const found = rules
    .flatMap((rule) => rule(messages, version))
    .map(({ protoPath, ...problem }) => ({ ...problem, path: toWrittenPath(protoPath) }));
  return sortProblems(config, removeRepeated(problems, found));
}

/** What is missing in a message says nothing of what else is wrong with it. */
const MISSING = 'oneof.required';

/** Where a value is wrong by Envoy's schema, what rules make of it is no more news; nor that what is wrong is deprecated. */
function removeRepeated(bySchema: readonly Problem[], byRules: readonly Problem[]): readonly Problem[] {
  const placesOf = (problems: readonly Problem[]) =>
    new Set(problems.filter(({ severity }) => severity === 'error').map(({ path }) => JSON.stringify(path)));
  const wrong = placesOf(bySchema.filter(({ rule }) => rule !== MISSING));
  const refused = placesOf(byRules);
  return [
    ...bySchema.filter(({ rule, path }) => rule !== 'deprecated' || !refused.has(JSON.stringify(path))),
    ...byRules.filter(({ path }) => !wrong.has(JSON.stringify(path))),
  ];
}
