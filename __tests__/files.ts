import { writeFileSync } from 'node:fs';
import { assemble, type ProxyFile, toYaml } from '../envoy';
import { CONFIG_FOLDER } from '../envoy/names';
import { examples, upstream } from './examples';

const ofExamples = examples.flatMap(([name, { every, together = every, goldens = {} }]) =>
  [{ upstream, [name]: together }, ...Object.values(goldens)].flatMap((options) => assemble(options).files),
);

/** What the goldens read beside themselves, once each. */
export const goldenFiles: readonly ProxyFile[] = [...new Map(ofExamples.map((file) => [file.path, file])).values()];

/** Puts files into a folder, for a configuration that is `moved` there. */
export function place(folder: string, files: readonly ProxyFile[]): void {
  for (const { path, content } of files) {
    writeFileSync(moved(path, folder), typeof content === 'string' ? content : toYaml(content));
  }
}

/** A text with the files of a proxy in this folder, instead of that of a container. */
export function moved(text: string, folder: string): string {
  return text.replaceAll(`${CONFIG_FOLDER}/`, `${folder}/`);
}
