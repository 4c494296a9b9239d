import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import * as cdktf from 'cdktf';
import ts from 'typescript';
import * as envoy from '../../envoy';
import { check } from '../../envoy/check/check';
import * as lib from '../../lib';
import { warningsOf } from '../helpers';
import { type CodeBlock, codeBlocksOf, markdownFiles } from '../markdown-code';
import { snippetContext } from './snippet-context';

const ROOT = resolve(__dirname, '../..');

const CONTEXT = Object.keys(snippetContext(new cdktf.TerraformStack(cdktf.Testing.app(), 'names')));
const blocks = markdownFiles.flatMap(codeBlocksOf);
const snippets = blocks.filter(({ language }) => language === 'ts').map(toSnippet);

/** A block as a module: a fragment imports what it uses and does not declare. */
interface Snippet extends CodeBlock {
  readonly name: string;
  /** A program that creates its own stack. */
  readonly isProgram: boolean;
  readonly module: string;
}

/** A file of this repository, for contributors. */
const isSource = (block: CodeBlock): block is CodeBlock & { readonly title: string } =>
  block.title?.includes('/') ?? false;

function toSnippet(block: CodeBlock): Snippet {
  const isProgram = block.code.startsWith('import ');
  return {
    ...block,
    name: `${block.page}:${block.line}`,
    isProgram,
    module: isProgram ? block.code : `${importsFor(block.code)}\n${block.code}`,
  };
}

/** On one line, so that line numbers are those of the block plus one. */
function importsFor(code: string): string {
  const declared = ts
    .createSourceFile('block.ts', code, ts.ScriptTarget.ES2022)
    .statements.filter(ts.isVariableStatement)
    .flatMap(({ declarationList }) => declarationList.declarations.map(({ name }) => (name as ts.Identifier).text));
  const used = (names: readonly string[]) =>
    names.filter((name) => new RegExp(`(?<![.\\w'])${name}\\b(?!')`).test(code) && !declared.includes(name));
  const given = used(CONTEXT);
  return [
    `import { ${used(Object.keys(lib)).join(', ')} } from 'cdktf-envoy-sidecar';`,
    `import { ${used(['TerraformStack', 'TerraformVariable', 'TerraformOutput', 'Fn', 'App']).join(', ')} } from 'cdktf';`,
    `import { context } from './__tests__/package/snippet-context'; const { ${given.join(', ')} } = context;`,
  ].join(' ');
}

test('the pages have snippets', () => {
  expect(snippets.length).toBeGreaterThan(20);
});

describe('types', () => {
  const errors = new Map<string, string[]>();

  beforeAll(() => {
    const { config } = ts.readConfigFile(resolve(ROOT, 'tsconfig.json'), ts.sys.readFile);
    const { options } = ts.parseJsonConfigFileContent(config, ts.sys, ROOT);
    const files = new Map(
      snippets.map((snippet, index) => [
        resolve(ROOT, isSource(snippet) ? snippet.title : `snippet-${index}.ts`),
        snippet,
      ]),
    );
    const host = ts.createCompilerHost(options);
    const { fileExists, readFile } = host;
    host.fileExists = (file) => files.has(resolve(file)) || fileExists(file);
    host.readFile = (file) => files.get(resolve(file))?.module ?? readFile(file);
    const program = ts.createProgram(
      [...files.keys()],
      {
        ...options,
        noUnusedLocals: false,
        baseUrl: ROOT,
        paths: { 'cdktf-envoy-sidecar': ['lib/index.ts'], 'cdktf-envoy-sidecar/envoy': ['envoy/index.ts'] },
      },
      host,
    );
    for (const [file, { name }] of files) {
      const source = program.getSourceFile(file) as ts.SourceFile;
      const found = [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
      errors.set(
        name,
        found.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')),
      );
    }
  }, 60_000);

  test.each(snippets.map(({ name }) => name))('%s passes the type check', (name) => {
    expect(errors.get(name)).toEqual([]);
  });
});

describe('synthesis', () => {
  const before = process.cwd();
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'snippet-'));
    process.env.CDKTF_OUTDIR = join(folder, 'cdktf.out');
    process.chdir(folder);
  });

  afterEach(() => {
    process.chdir(before);
    delete process.env.CDKTF_OUTDIR;
    rmSync(folder, { recursive: true });
  });

  /** The other blocks of the page that are files, as the snippet may read them. */
  const writeFilesOf = (page: string) => {
    for (const { title, code } of blocks.filter((block) => block.page === page)) {
      if (title !== undefined) {
        writeFileSync(title, code);
      }
    }
  };

  const run = ({ module }: Snippet, context: object) => {
    const { outputText } = ts.transpileModule(module, {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS, esModuleInterop: true },
    });
    const modules: Readonly<Record<string, unknown>> = {
      'cdktf-envoy-sidecar': lib,
      'cdktf-envoy-sidecar/envoy': envoy,
      './__tests__/package/snippet-context': { context },
    };
    new Function('require', 'exports', outputText)((name: string) => modules[name] ?? require(name), {});
  };

  test.each(snippets.filter(({ isProgram }) => !isProgram))('$name synthesizes without a warning', (snippet) => {
    writeFilesOf(snippet.page);
    const stack = new cdktf.TerraformStack(cdktf.Testing.app(), 'snippet');
    new DockerProvider(stack, 'docker');
    run(snippet, snippetContext(stack));
    expect(cdktf.Testing.synth(stack)).toContain('docker_container');
    expect(warningsOf(stack)).toEqual([]);
  });

  test.each(snippets.filter((snippet) => snippet.isProgram && !isSource(snippet)))(
    '$name runs without a warning',
    (snippet) => {
      writeFilesOf(snippet.page);
      run(snippet, {});
      if (snippet.code.includes('app.synth()')) {
        const { stacks } = JSON.parse(readFileSync(join(folder, 'cdktf.out/manifest.json'), 'utf8'));
        const annotations = Object.values(stacks as Record<string, { annotations: unknown[] }>).flatMap(
          (stack) => stack.annotations,
        );
        expect(annotations).toEqual([]);
      }
    },
  );
});

test.each(blocks.filter(({ title }) => title?.endsWith('envoy.yaml')))(
  '$page:$line is a configuration that Envoy accepts',
  ({ code }) => {
    const { value, problems } = envoy.readYaml(code);
    expect([...problems, ...check(value as envoy.Bootstrap)]).toEqual([]);
  },
);
