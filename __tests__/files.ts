import { writeFileSync } from 'node:fs';
import { assemble, type ProxyFile, toYaml } from '../envoy';
import { CONFIG_FOLDER } from '../envoy/messages/resource-names';
import { TestAuthority } from './certificates';
import { examples, upstream } from './examples';
import { REFERENCE } from './features/tls';

// All features at once, since some need others.
const everything = Object.fromEntries(examples.map(([name, { every, together = every }]) => [name, together]));
const goldens = examples.flatMap(([, { goldens = {} }]) => Object.values(goldens));
const ofExamples = [{ upstream, ...everything }, ...goldens].flatMap((options) => assemble(options).files);

/** The distinct files that the golden configurations read. */
export const goldenFiles: readonly ProxyFile[] = [...new Map(ofExamples.map((file) => [file.path, file])).values()];

const { cert, key } = TestAuthority.create().issue('DNS:api.example.com');

/** The values of the Terraform references in the examples. */
const VALUES: Readonly<Record<string, string>> = { [REFERENCE.certificateChain]: cert, [REFERENCE.privateKey]: key };

/** Writes files to a folder, for a configuration that `moveToFolder` has changed. */
export function writeProxyFiles(folder: string, files: readonly ProxyFile[]): void {
  for (const { path, content } of files) {
    const text = typeof content === 'string' ? content : toYaml(content);
    writeFileSync(moveToFolder(path, folder), VALUES[text] ?? text);
  }
}

/** Replaces the container's configuration folder in a text by another folder. */
export function moveToFolder(text: string, folder: string): string {
  return text.replaceAll(`${CONFIG_FOLDER}/`, `${folder}/`);
}
