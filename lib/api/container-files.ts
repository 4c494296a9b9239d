import { readFileSync } from 'node:fs';
import { invalidOption, isReference, refuseUnknown } from '../../envoy/host-api';
import { escapeText } from '../terraform/escape';

/** A file for a container: from disk, read when the stack is synthesized, or written out here, references included. */
export type ApiFile =
  | { readonly source: string; readonly content?: never }
  | { readonly content: string; readonly source?: never };

/** What a file is, ready for Terraform: as text, or in base64 where it isn't text. */
export type FileContent = { readonly content: string } | { readonly contentBase64: string };

/** Reads the files of a container; the keys are the paths inside it. */
export function readContainerFiles(
  path: string,
  files: Readonly<Record<string, ApiFile>>,
): Record<string, FileContent> {
  return Object.fromEntries(
    Object.entries(files).map(([target, file]) => {
      const option = `${path}[${JSON.stringify(target)}]`;
      if (!/^\/.*[^/]$/.test(target)) {
        invalidOption(
          option,
          'must be the absolute path of a file inside the container',
          target,
          "write for example '/app/api.py'",
        );
      }
      const { source, content, ...unknown } = file;
      refuseUnknown(option, unknown);
      if ((source === undefined) === (content === undefined)) {
        invalidOption(
          option,
          'must have either a source or a content',
          file,
          'name a file on disk or write out its text',
        );
      }
      return [target, source === undefined ? toFileContent(content as string) : readSource(`${option}.source`, source)];
    }),
  );
}

function readSource(path: string, source: string): FileContent {
  let data: Buffer;
  try {
    data = readFileSync(source);
  } catch (error) {
    invalidOption(
      path,
      `can't be read (${(error as NodeJS.ErrnoException).code})`,
      source,
      `name a file, from the folder ${JSON.stringify(process.cwd())} on`,
    );
  }
  const text = data.toString('utf8');
  return Buffer.from(text, 'utf8').equals(data) ? toFileContent(text) : { contentBase64: data.toString('base64') };
}

/** Terraform brings text into Unicode's composed form (NFC); what isn't in it is no text there. */
function toFileContent(text: string): FileContent {
  return isReference(text) || text === text.normalize('NFC')
    ? { content: escapeText(text) }
    : { contentBase64: Buffer.from(text, 'utf8').toString('base64') };
}
