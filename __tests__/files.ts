import { writeFileSync } from 'node:fs';
import { assemble, type ProxyFile, toYaml } from '../envoy';
import { CONFIG_FOLDER } from '../envoy/messages/resource-names';
import { TestAuthority } from './certificates';
import { examples, upstream } from './examples';
import { REFERENCE } from './features/tls';

// Together, as some of them need others.
const everything = Object.fromEntries(examples.map(([name, { every, together = every }]) => [name, together]));
const goldens = examples.flatMap(([, { goldens = {} }]) => Object.values(goldens));
const ofExamples = [{ upstream, ...everything }, ...goldens].flatMap((options) => assemble(options).files);

/** What the goldens read beside themselves, once each. */
export const goldenFiles: readonly ProxyFile[] = [...new Map(ofExamples.map((file) => [file.path, file])).values()];

const { cert, key } = TestAuthority.create().issue('DNS:api.example.com');

/** What Terraform puts in the place of the examples' references. */
const VALUES: Readonly<Record<string, string>> = { [REFERENCE.certificateChain]: cert, [REFERENCE.privateKey]: key };

/** Puts files into a folder, for a configuration that is `moved` there. */
export function place(folder: string, files: readonly ProxyFile[]): void {
  for (const { path, content } of files) {
    const text = typeof content === 'string' ? content : toYaml(content);
    writeFileSync(moved(path, folder), VALUES[text] ?? text);
  }
}

/** A text with the files of a proxy in this folder, instead of that of a container. */
export function moved(text: string, folder: string): string {
  return text.replaceAll(`${CONFIG_FOLDER}/`, `${folder}/`);
}
