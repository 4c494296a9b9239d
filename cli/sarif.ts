import type { CheckedFile } from './format-report';

/**
 * A log in the Static Analysis Results Interchange Format, as code scanning reads it.
 *
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function formatSarif(checked: readonly CheckedFile[], version: string): string {
  const problems = checked.flatMap(({ report }) =>
    report.problems.map((problem) => ({ ...problem, file: report.file })),
  );
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'cdktf-envoy-sidecar',
            version,
            rules: [...new Set(problems.map(({ rule }) => rule))].map((id) => ({ id })),
          },
        },
        columnKind: 'utf16CodeUnits',
        results: problems.map(({ file, severity, line, column, path, rule, message }) => ({
          ruleId: rule,
          level: severity,
          message: { text: [path, message].filter(Boolean).join(' ') },
          locations: [
            {
              physicalLocation: {
                artifactLocation: { uri: toUri(file) },
                region: { startLine: line, startColumn: column },
              },
            },
          ],
        })),
      },
    ],
  };
  return `${JSON.stringify(log, null, 2)}\n`;
}

const toUri = (file: string) => file.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/');
