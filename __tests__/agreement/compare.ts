import { check } from '../../envoy/check/check';
import type { Problem } from '../../envoy/check/problem';
import { pathText } from '../../envoy/messages/path';
import type { EnvoyVersion } from '../../envoy/messages/schema/envoy-minors';
import { readYaml } from '../../envoy/yaml/read/read-yaml';
import { type Case, filesOf, isExtension, toEnvoyInput } from './cases';
import type { Judge, Verdict } from './envoy';
import { beyondUs, reasonFor } from './known-differences';
import type { Json } from './tree';

/** All that can come of one configuration. The first four are fine, the third and fourth only for reasons that we know. */
export const OUTCOMES = [
  'both accept',
  'both refuse',
  'only we refuse',
  'only Envoy can refuse',
  'only Envoy refuses',
  'Envoy is stuck',
  'our check throws',
] as const;

export type Outcome = (typeof OUTCOMES)[number];

export interface Comparison {
  readonly outcome: Outcome;
  /** The rules of our errors, each once. */
  readonly rules: readonly string[];
  /** Each of our errors, or what was thrown. */
  readonly ours: readonly string[];
  readonly theirs: string;
  /** Why this may not be: nothing where it may. */
  readonly fault?: string;
}

/** Our verdict beside Envoy's. */
export async function compare(judge: Pick<Judge, 'ask'>, version: string, given: Case): Promise<Comparison> {
  const config = toEnvoyInput(given);
  const compared = classify(ours(config, version), await judge.ask(config, filesOf(given)));
  const isValid = given.mutations.length === 0 && !isExtension(given.base) && given.spelling !== 'with a key twice';
  return compared.fault === undefined && isValid && compared.outcome !== 'both accept'
    ? { ...compared, fault: 'nothing was damaged, and it is refused' }
    : compared;
}

interface OurError {
  readonly rule: string;
  readonly path: string;
  readonly message: string;
}
/** Of two listeners with one name, Envoy leaves out the later one, with all that is wrong in it. */
const LEFT_OUT = 'unique-listener';

type Ours = { readonly errors: readonly OurError[] } | { readonly thrown: string };

function ours(config: Json, version: string): Ours {
  try {
    const problems = problemsOf(config, version as EnvoyVersion);
    const leftOut = problems.filter(({ rule }) => rule === LEFT_OUT).map(({ path }) => pathText(path.slice(0, -1)));
    const errors = problems
      .filter(({ severity }) => severity === 'error')
      .map(({ rule, path, message }) => ({ rule, path: pathText(path), message }));
    return {
      errors: errors.map((error) =>
        leftOut.some((listener) => error.path.startsWith(`${listener}.`)) ? { ...error, rule: LEFT_OUT } : error,
      ),
    };
  } catch (error) {
    return { thrown: String(error instanceof Error ? error.stack : error) };
  }
}

function problemsOf(config: Json, version: EnvoyVersion): readonly Problem[] {
  if (typeof config !== 'string') {
    return check(config, { version });
  }
  const { value, problems } = readYaml(config);
  const unread = problems.map(({ severity, rule, message }) => ({ severity, rule, message, path: [] }));
  return value === undefined ? unread : [...unread, ...check(value, { version })];
}

/** What two verdicts on one configuration mean. */
export function classify(mine: Ours, { is, output }: Verdict): Comparison {
  const theirs = reason(output);
  if ('thrown' in mine) {
    return { outcome: 'our check throws', rules: [], ours: [mine.thrown], theirs, fault: 'our check throws' };
  }
  const rules = [...new Set(mine.errors.map(({ rule }) => rule))];
  const said = { rules, ours: mine.errors.map(({ rule, path, message }) => `${path} ${message} [${rule}]`), theirs };
  if (is === 'stuck') {
    return {
      outcome: 'Envoy is stuck',
      ...said,
      ...(rules.length === 0 && { fault: 'Envoy is stuck on what we accept' }),
    };
  }
  if (rules.length === 0 && beyondUs(theirs) !== undefined) {
    return { outcome: 'only Envoy can refuse', ...said };
  }
  if (rules.length === 0) {
    return is === 'accepted'
      ? { outcome: 'both accept', ...said }
      : { outcome: 'only Envoy refuses', ...said, fault: 'Envoy refuses what we accept' };
  }
  if (is === 'refused') {
    return { outcome: 'both refuse', ...said };
  }
  const unknown = mine.errors.filter(({ rule, path }) => reasonFor(rule, path) === undefined).map(({ rule }) => rule);
  return {
    outcome: 'only we refuse',
    ...said,
    ...(unknown.length > 0 && {
      fault: `Envoy accepts what we refuse, for no known reason: ${[...new Set(unknown)].join(', ')}`,
    }),
  };
}

/** The reason in what Envoy wrote, without time stamps and the configuration that it repeats. */
function reason(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const text = lines.find((line) => line.includes('error initializing')) ?? lines.at(-1) ?? '';
  return text
    .replace(/^.*error initializing configuration '[^']*': /, '')
    .replace(/\s+/g, ' ')
    .slice(0, 300);
}
