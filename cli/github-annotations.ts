import type { CheckedFile } from './format-report';

/**
 * Commands of a GitHub workflow, which shows each problem beside its line.
 *
 * @see https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands
 */
export function formatGithubAnnotations(checked: readonly CheckedFile[]): string {
  return checked
    .flatMap(({ report: { file, problems } }) =>
      problems.map(({ severity, line, column, path, rule, message }) => {
        const properties = Object.entries({ file, line, col: column, title: rule })
          .map(([name, value]) => `${name}=${escapeProperty(`${value}`)}`)
          .join();
        return `::${severity} ${properties}::${escapeData([path, message].filter(Boolean).join(' '))}\n`;
      }),
    )
    .join('');
}

const escapeData = (text: string) => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const escapeProperty = (text: string) => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
