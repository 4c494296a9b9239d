import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readContainerFiles } from '../../../lib/api/container-files';

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'files-'));
  writeFileSync(join(folder, 'text.py'), 'print("ü ${x} %{y}")\n');
  writeFileSync(join(folder, 'binary'), Buffer.from([0xff, 0x00, 0x24, 0x7b]));
  writeFileSync(join(folder, 'empty'), '');
});

afterAll(() => rmSync(folder, { recursive: true }));

const read = (source: string) =>
  readContainerFiles('files', { '/app/it': { source: join(folder, source) } })['/app/it'];

test('text from disk is text, escaped once', () => {
  expect(read('text.py')).toEqual({ content: 'print("ü $${x} %%{y}")\n' });
});

test('what is not text is carried as base64', () => {
  expect(read('binary')).toEqual({ contentBase64: '/wAkew==' });
});

test('text that Terraform would compose is carried as base64, too', () => {
  expect(readContainerFiles('files', { '/a': { content: 'e\u0301' }, '/b': { content: '\u00e9' } })).toEqual({
    '/a': { contentBase64: 'ZcyB' },
    '/b': { content: '\u00e9' },
  });
});

test('an empty file is an empty text', () => {
  expect(read('empty')).toEqual({ content: '' });
});

test('a content is escaped once, and may be empty', () => {
  expect(readContainerFiles('files', { '/a': { content: '${x}' }, '/b': { content: '' } })).toEqual({
    '/a': { content: '$${x}' },
    '/b': { content: '' },
  });
});

test('a file that does not exist says which, and from where it was looked for', () => {
  expect(() => readContainerFiles('files', { '/app/api.py': { source: 'no/such.py' } })).toThrow(
    new Error(
      `files["/app/api.py"].source can't be read (ENOENT), got "no/such.py"; name a file, from the folder ${JSON.stringify(process.cwd())} on`,
    ),
  );
});

test('a folder is not a file', () => {
  expect(() => read('.')).toThrow(/^files\["\/app\/it"\]\.source can't be read \(EISDIR\), got /);
});

test.each(['api.py', './api.py', '/app/', '/', ''])('refuses %j as a path inside', (target) => {
  expect(() => readContainerFiles('files', { [target]: { content: '' } })).toThrow(
    new Error(
      `files[${JSON.stringify(target)}] must be the absolute path of a file inside the container, got ${JSON.stringify(target)}; write for example '/app/api.py'`,
    ),
  );
});

test.each([{}, { source: 'a', content: 'b' }])('refuses %j', (file) => {
  expect(() => readContainerFiles('files', { '/a': file as never })).toThrow(
    new Error(
      `files["/a"] must have either a source or a content, got ${JSON.stringify(file)}; name a file on disk or write out its text`,
    ),
  );
});

test('refuses an unknown option', () => {
  expect(() => readContainerFiles('files', { '/a': { content: '', mode: '0600' } as never })).toThrow(
    new Error('files["/a"].mode is not an option, got "0600"; remove it'),
  );
});
