import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(__dirname, '..');

/** A fenced block of a page. */
export interface CodeBlock {
  /** The page's path in the repository. */
  readonly page: string;
  /** The line of the page on which the code begins. */
  readonly line: number;
  readonly language: string;
  /** The name of the file that the block is, from `title="main.ts"` after the language. */
  readonly title?: string;
  readonly code: string;
}

const inFolder = (folder: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .map((file) => join(folder, file));

/** All Markdown files of the repository, by their paths in it. */
export const markdownFiles: readonly string[] = [
  ...readdirSync(ROOT).filter((file) => file.endsWith('.md')),
  ...inFolder('docs'),
].sort();

export const readPage = (page: string) => readFileSync(join(ROOT, page), 'utf8');

export function codeBlocksOf(page: string): CodeBlock[] {
  const text = readPage(page);
  return [...text.matchAll(/^```(\w+)(?: title="([^"]+)")?\n(.*?)^```$/gms)].map((match) => {
    const [, language = '', title, code = ''] = match;
    const line = text.slice(0, match.index).split('\n').length + 1;
    return { page, line, language, ...(title !== undefined && { title }), code };
  });
}
