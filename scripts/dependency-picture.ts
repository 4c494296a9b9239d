import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';

const ROOT = resolve(__dirname, '..');
const CRUISER = resolve(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

interface CruisedModule {
  readonly source: string;
  readonly dependencies: readonly { readonly resolved: string }[];
}

/**
 * Returns a Mermaid flowchart of the folders' imports, for docs/architecture.md. An arrow that follows from two others is
 * left out.
 */
export function dependencyPicture(): string {
  const args = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'envoy', 'lib', 'cli'];
  const json = execFileSync(process.execPath, [CRUISER, ...args], { cwd: ROOT, encoding: 'utf8', maxBuffer: 1e8 });
  const { modules } = JSON.parse(json) as { modules: readonly CruisedModule[] };
  const imports = new Map<string, Set<string>>();
  for (const { source, dependencies } of modules) {
    const from = folderOf(source);
    for (const to of dependencies.map(({ resolved }) => folderOf(resolved))) {
      if (from !== undefined && to !== undefined && from !== to) {
        imports.set(from, (imports.get(from) ?? new Set()).add(to));
      }
    }
  }
  const arrows = [...imports].flatMap(([from, folders]) =>
    [...folders]
      .filter((to) => ![...folders].some((between) => between !== to && reaches(imports, between, to)))
      .map((to) => `  ${from} --> ${to}`),
  );
  return ['```mermaid', 'flowchart TD', ...arrows.sort(), '```'].join('\n');
}

/** The folder of a file as the picture names it. A file at the root of `envoy/` or `lib/` stands by itself. */
function folderOf(file: string): string | undefined {
  const [, name] = /^((?:envoy|lib)\/[^/.]+|cli)/.exec(file) ?? [];
  return name;
}

function reaches(
  imports: ReadonlyMap<string, ReadonlySet<string>>,
  from: string,
  to: string,
  visited: readonly string[] = [],
): boolean {
  const next = [...(imports.get(from) ?? [])].filter((folder) => !visited.includes(folder));
  return next.includes(to) || next.some((folder) => reaches(imports, folder, to, [...visited, from]));
}
