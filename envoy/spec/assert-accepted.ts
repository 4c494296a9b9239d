import { check } from '../check/check';
import type { Problem } from '../check/problem';
import type { Bootstrap } from '../messages/builders';
import { type Path, pathText } from '../messages/path';
import { OWN_ROUTES } from '../messages/resource-names';
import type { EnvoyVersion } from '../messages/schema/envoy-minors';

/** Warnings that nobody has to read, by their rules, where they are of something that comes from here. */
const SILENT_RULES: Readonly<Record<string, string>> = {
  // In a file, a fraction without quotes is text to Envoy; what it says of that is told where the file is read.
  'lenient.string': 'base',
  // Behind a route of the user's that takes everything, our own for all other requests is never reached.
  'route-unreachable': OWN_ROUTES,
};

/**
 * Refuses a configuration that Envoy would refuse, with all of its problems at once. Gives what Envoy takes for now, a line
 * each.
 */
export function assertAccepted(
  bootstrap: Bootstrap,
  version: EnvoyVersion,
  optionOf: (path: Path) => string | undefined,
): string[] {
  const problems = check(bootstrap, { version }).filter(
    ({ rule, path }) => !Object.hasOwn(SILENT_RULES, rule) || SILENT_RULES[rule] !== optionOf(path),
  );
  const lines = (severity: Problem['severity']) =>
    problems.filter((problem) => problem.severity === severity).map((problem) => toLine(problem, optionOf));
  const errors = lines('error');
  if (errors.length > 0) {
    throw new Error([`Envoy ${version} would refuse this configuration:`, ...errors].join('\n  '));
  }
  return lines('warning');
}

/** The option first, as it is what the user wrote; then the place in the configuration. */
function toLine({ path, message }: Problem, optionOf: (path: Path) => string | undefined): string {
  const option = optionOf(path);
  return `${option === undefined ? '' : `${option}: `}${pathText(path)} ${message}`;
}
