import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import ts from 'typescript';

const ROOT = resolve(__dirname, '../../..');
const FILE = resolve(ROOT, 'editor-example.ts');

const SOURCE = `
import type { EnvoyOptions } from './envoy';
export const options: EnvoyOptions = {
  cors: { allowOrigins: ['https://a.example'] },
  upstream: { host: 'api', port: 8080, healthCheck: { path: '/health' } },
  routes: [{ path: '/a', timeouts: { request: '5s' } }],
};
`;

/** What the editor shows when the pointer is on a name in the source. */
function hoverOf(service: ts.LanguageService, name: string): string {
  const info = service.getQuickInfoAtPosition(FILE, SOURCE.indexOf(`${name}:`));
  return ts.displayPartsToString(info?.documentation);
}

function serviceFor(source: string): ts.LanguageService {
  const { config } = ts.readConfigFile(resolve(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  const textOf = (file: string) => (file === FILE ? source : readFileSync(file, 'utf8'));
  return ts.createLanguageService({
    getCompilationSettings: () => ({ ...options, types: [] }),
    getCurrentDirectory: () => ROOT,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    getScriptFileNames: () => [FILE],
    getScriptSnapshot: (file) =>
      file === FILE || ts.sys.fileExists(file) ? ts.ScriptSnapshot.fromString(textOf(file)) : undefined,
    getScriptVersion: () => '1',
    fileExists: ts.sys.fileExists,
    readFile: ts.sys.readFile,
  });
}

describe('the editor shows the docstring of', () => {
  const service = serviceFor(SOURCE);

  test.each([
    ['a feature for the whole proxy', 'cors'],
    ['a feature of an upstream', 'healthCheck'],
    ['a feature of a route', 'timeouts'],
    ['an option of a feature for the whole proxy', 'allowOrigins'],
    ['an option of a feature of an upstream', 'path'],
    ['an option of a feature of a route', 'request'],
  ])('%s', (_, name) => {
    expect(hoverOf(service, name)).toMatch(/^[A-Z].+\./);
  });
});
