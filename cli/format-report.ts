import type { EnvoyVersion } from '../envoy';
import { checkSource, type SourceProblem, sourceFormat } from '../envoy/host-api';

export interface FileReport {
  readonly file: string;
  readonly envoy: EnvoyVersion;
  readonly problems: readonly SourceProblem[];
  readonly errors: number;
  readonly warnings: number;
}

export interface CheckedFile {
  readonly report: FileReport;
  /** Whether the text could be read; without it, its meaning is unknown. */
  readonly isReadable: boolean;
}

export function checkFile(file: string, text: string, envoy: EnvoyVersion): CheckedFile {
  const { problems, isReadable } = checkSource(text, sourceFormat(file), envoy);
  const count = (which: SourceProblem['severity']) => problems.filter(({ severity }) => severity === which).length;
  return { report: { file, envoy, problems, errors: count('error'), warnings: count('warning') }, isReadable };
}

/** One report by itself, several ones in a list. */
export function formatJson(checked: readonly CheckedFile[]): string {
  const reports = checked.map(({ report }) => report);
  return `${JSON.stringify(reports.length === 1 ? reports[0] : reports, null, 2)}\n`;
}

export function formatText(checked: readonly CheckedFile[]): string {
  return checked
    .map((one) => {
      const { file, problems } = one.report;
      const lines = problems.map(({ severity, line, column, path, rule, message }) =>
        escapeInvisible([`${file}:${line}:${column}`, severity, path, message, `(${rule})`].filter(Boolean).join(' ')),
      );
      const name = checked.length > 1 ? `${escapeInvisible(file)}: ` : '';
      return `${[...lines, `${name}${summarize(one)}`].join('\n')}\n`;
    })
    .join('');
}

/** Envoy takes what has no other error than these, and forgets a part of it. */
const ACCEPTED_BY_ENVOY = 'duplicate-key';

function summarize({ report: { envoy, problems, errors, warnings }, isReadable }: CheckedFile): string {
  const counts = [countOf(errors, 'error'), countOf(warnings, 'warning')].filter(Boolean).join(', ');
  if (!isReadable) {
    return `${counts}; it can't be checked`;
  }
  if (problems.some(({ severity, rule }) => severity === 'error' && rule !== ACCEPTED_BY_ENVOY)) {
    return `${counts}; Envoy ${envoy} would refuse it`;
  }
  return errors + warnings > 0 ? `${counts}; Envoy ${envoy} would take it` : `no problem found for Envoy ${envoy}`;
}

const countOf = (count: number, what: string) => (count === 0 ? '' : `${count} ${what}${count === 1 ? '' : 's'}`);

/** What would move the cursor, or turn the order of the text around, is written as an escape. */
function escapeInvisible(text: string): string {
  return text.replace(
    /[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu,
    (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
