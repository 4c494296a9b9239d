import { resolve } from 'node:path';
import ts from 'typescript';

const ROOT = resolve(__dirname, '../..');
const FILE = resolve(ROOT, 'editor-test.ts');

/** The cursor is on a name of the first options, or at a comment that says what the editor should offer there. */
const CODE = `
import type { EnvoyOptions } from './envoy';
import type { EnvoySidecarProps } from './lib';
export const options: EnvoyOptions = {
  cors: { allowOrigins: ['https://a.example'] },
  upstream: { host: 'api', port: 8080, healthCheck: { path: '/health' } },
  routes: [{ path: '/a', timeouts: { request: '5s' } }],
};
type Part = Partial<EnvoySidecarProps>;
export const ports: Part = { publish: { /*ports*/ } };
export const duration: Part = { timeouts: { request: '/*duration*/' } };
export const size: Part = { memory: '/*size*/' };
export const rate: Part = { rateLimit: { perClient: '/*rate*/' } };
export const allowed: Part = { authorization: { allow: [{ /*allowed*/ }] } };
export const denied: Part = { authorization: { allow: 'all', deny: [{ /*denied*/ }] } };
`;

let service: ts.LanguageService;

beforeAll(() => {
  const { config } = ts.readConfigFile(resolve(ROOT, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
  service = ts.createLanguageService({
    readFile: ts.sys.readFile,
    directoryExists: ts.sys.directoryExists,
    getCompilationSettings: () => ({ ...options, types: [] }),
    getScriptFileNames: () => [FILE],
    getScriptVersion: () => '1',
    getScriptSnapshot: (file) => {
      const text = file === FILE ? CODE : ts.sys.readFile(file);
      return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
    },
    getCurrentDirectory: () => ROOT,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    fileExists: (file) => file === FILE || ts.sys.fileExists(file),
  });
});
afterAll(() => service.dispose());

/** Returns what the editor offers at a marker, in its order. */
function completionsAt(marker: string): string[] {
  const { entries = [] } = service.getCompletionsAtPosition(FILE, CODE.indexOf(`/*${marker}*/`), {}) ?? {};
  return [...entries].sort((one, other) => (one.sortText < other.sortText ? -1 : 1)).map(({ name }) => name);
}

/** Returns the docstring that the editor shows when the pointer is on a name. */
function hoverOf(name: string): string {
  const info = service.getQuickInfoAtPosition(FILE, CODE.indexOf(`${name}:`));
  return ts.displayPartsToString(info?.documentation);
}

const RULE = ['addresses', 'certificates', 'claims', 'clients', 'headers', 'methods', 'paths', 'scopes', 'users'];

test.each([
  { name: 'the names of the ports in publish', marker: 'ports', offered: ['admin', 'http', 'redirect'] },
  { name: 'durations', marker: 'duration', offered: ['100ms', '1s', '10s', '60s', '5m', '1h'] },
  { name: 'sizes', marker: 'size', offered: ['64KiB', '1MiB', '64MiB', '512MiB', '1GiB'] },
  { name: 'rates', marker: 'rate', offered: ['10/s', '60/min', '1000/hour', '10000/day'] },
  { name: 'the conditions of an allow rule, and no methods of strings', marker: 'allowed', offered: RULE },
  { name: 'the conditions of a deny rule, and no methods of strings', marker: 'denied', offered: RULE },
])('the editor offers $name', ({ marker, offered }) => {
  expect(completionsAt(marker)).toEqual(offered);
});

describe('the editor shows the docstring of', () => {
  test.each([
    ['a feature for the whole proxy', 'cors'],
    ['a feature of an upstream', 'healthCheck'],
    ['a feature of a route', 'timeouts'],
    ['an option of a feature for the whole proxy', 'allowOrigins'],
    ['an option of a feature of an upstream', 'path'],
    ['an option of a feature of a route', 'request'],
  ])('%s', (_, name) => {
    expect(hoverOf(name)).toMatch(/^[A-Z].+\./);
  });
});
