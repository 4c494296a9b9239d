import type { EnvoyVersion } from '../envoy';
import { checkText, formatOf, type PlacedProblem } from '../envoy/host-api';

export interface Report {
  readonly file: string;
  readonly envoy: EnvoyVersion;
  readonly problems: readonly PlacedProblem[];
  readonly errors: number;
  readonly warnings: number;
}

export interface Checked {
  readonly report: Report;
  /** Whether the text could be read; without it, its meaning is unknown. */
  readonly isReadable: boolean;
}

export function reportOn(file: string, text: string, envoy: EnvoyVersion): Checked {
  const { problems, isReadable } = checkText(text, formatOf(file), envoy);
  const count = (which: PlacedProblem['severity']) => problems.filter(({ severity }) => severity === which).length;
  return { report: { file, envoy, problems, errors: count('error'), warnings: count('warning') }, isReadable };
}

/** One report by itself, several ones in a list. */
export function forPrograms(checked: readonly Checked[]): string {
  const reports = checked.map(({ report }) => report);
  return `${JSON.stringify(reports.length === 1 ? reports[0] : reports, null, 2)}\n`;
}

export function forPeople(checked: readonly Checked[]): string {
  return checked
    .map((one) => {
      const { file, problems } = one.report;
      const lines = problems.map(({ severity, line, column, path, rule, message }) =>
        visible([`${file}:${line}:${column}`, severity, path, message, `(${rule})`].filter(Boolean).join(' ')),
      );
      const name = checked.length > 1 ? `${visible(file)}: ` : '';
      return `${[...lines, `${name}${summary(one)}`].join('\n')}\n`;
    })
    .join('');
}

/** Envoy takes what has no other error than these, and forgets a part of it. */
const TAKEN = 'duplicate-key';

function summary({ report: { envoy, problems, errors, warnings }, isReadable }: Checked): string {
  const counts = [times(errors, 'error'), times(warnings, 'warning')].filter(Boolean).join(', ');
  if (!isReadable) {
    return `${counts}; it can't be checked`;
  }
  if (problems.some(({ severity, rule }) => severity === 'error' && rule !== TAKEN)) {
    return `${counts}; Envoy ${envoy} would refuse it`;
  }
  return errors + warnings > 0 ? `${counts}; Envoy ${envoy} would take it` : `no problem found for Envoy ${envoy}`;
}

const times = (count: number, what: string) => (count === 0 ? '' : `${count} ${what}${count === 1 ? '' : 's'}`);

/** What would move the cursor, or turn the order of the text around, is written as an escape. */
function visible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
