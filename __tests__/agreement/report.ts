import { baseConfiguration, type Case, configuration } from './cases';
import { type Comparison, OUTCOMES } from './compare';
import { difference } from './difference';
import { beyondUs, ONLY_WE_REFUSE } from './known-differences';

export interface Judged {
  readonly minor: string;
  /** `SEED:PLACE`, by which `--case` makes it again. */
  readonly id: string;
  readonly given: Case;
  readonly comparison: Comparison;
}

export interface Run {
  readonly date: string;
  readonly seed: number;
  readonly count: number;
  readonly seconds: number;
}

/** More of one kind say nothing new. */
const SHOWN = 200;

/** The report of a run, in Markdown. */
export function report(all: readonly Judged[], { date, seed, count, seconds }: Run): string {
  const minors = [...new Set(all.map(({ minor }) => minor))].sort();
  const has = (outcome: string) => (minor: string) =>
    all.filter((judged) => judged.minor === minor && judged.comparison.outcome === outcome).length;
  const lines = [
    '# Our check and the real Envoy',
    '',
    `Random configurations, asked of our check and of \`envoy --mode validate\`: ${all.length} of ${count * minors.length}, seed ${seed}, ${date}, ${seconds} s. Options of all features, and ours and other valid configurations with something wrong in them. Made by \`npm run test:agreement\`.`,
    '',
    table(
      ['', ...minors],
      OUTCOMES.map((outcome) => [outcome, ...minors.map((minor) => String(has(outcome)(minor)))]),
    ),
    '',
    '## Only we refuse',
    '',
    onlyWe(all),
    '',
    '## Only Envoy can refuse',
    '',
    onlyEnvoy(all),
    '',
    '## Without a reason',
    '',
    faults(all),
    '',
  ];
  return lines.join('\n');
}

function onlyWe(all: readonly Judged[]): string {
  const kinds = new Map<string, number>();
  for (const { comparison } of all) {
    for (const rule of comparison.outcome === 'only we refuse' ? comparison.rules : []) {
      kinds.set(rule, (kinds.get(rule) ?? 0) + 1);
    }
  }
  const rows = [...kinds].sort(([one], [other]) => (one < other ? -1 : 1));
  return rows.length === 0
    ? 'Nothing.'
    : table(
        ['rule', 'times', 'why'],
        rows.map(([rule, times]) => [`\`${rule}\``, String(times), why(rule)]),
      );
}

function onlyEnvoy(all: readonly Judged[]): string {
  const found = all.filter(({ comparison }) => comparison.outcome === 'only Envoy can refuse');
  const reasons = [...new Set(found.map(({ comparison }) => beyondUs(comparison.theirs) ?? ''))].sort();
  const times = (reason: string) => found.filter(({ comparison }) => beyondUs(comparison.theirs) === reason).length;
  return reasons.length === 0
    ? 'Nothing.'
    : table(
        ['why', 'times'],
        reasons.map((why) => [why, String(times(why))]),
      );
}

function why(rule: string): string {
  const reasons = ONLY_WE_REFUSE.filter((reason) => reason.rule === rule).map((reason) => reason.why);
  return reasons.length === 0 ? '**no reason is known**' : reasons.join(' ');
}

function faults(all: readonly Judged[]): string {
  const found = all.filter(({ comparison }) => comparison.fault !== undefined);
  if (found.length === 0) {
    return 'Nothing.';
  }
  const shown = found.slice(0, SHOWN).map(({ minor, id, given, comparison }) => {
    const changes = difference(baseConfiguration(given), configuration(given)).slice(0, 4);
    return [
      `- \`--case ${id} --envoy ${minor}\`: ${comparison.fault}`,
      ...[`${name(given)}: ${given.mutations.map(({ kind }) => kind).join(', ')}`, ...changes].map(
        (text) => `  - ${code(text)}`,
      ),
      ...comparison.ours.slice(0, 3).map((text) => `  - we: ${code(text)}`),
      ...(comparison.theirs === '' ? [] : [`  - Envoy: ${code(comparison.theirs)}`]),
    ].join('\n');
  });
  const rest = found.length - shown.length;
  return [...shown, ...(rest > 0 ? [`- and ${rest} more`] : [])].join('\n');
}

function name({ base }: Case): string {
  return typeof base === 'string' ? base : `options ${JSON.stringify(base)}`;
}

function code(text: string): string {
  return `\`${text.replaceAll('`', "'").replace(/\s+/g, ' ').slice(0, 400)}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}
