import * as fc from 'fast-check';

const lua = (lines: number) =>
  Array.from(
    { length: lines },
    (_, line) => `  handle:logInfo("line ${line}: \${x} %{ if } " .. string.format('%s\\n', "\t")) -- $\${y}`,
  ).join('\n');

const openers = ['${x}', '%{ if true }', '$${x}', '$$${x}', '$$$${x}', '%%{x}', '%%%{x}', '${', '%{', '$', '%', '$ {'];
const toolkit = ['${TfToken[', '${TfToken[]}', '${TfToken[TOKEN', '$${TfToken[', '#{x}', '&{x}'];
const yaml = ['on', 'no', 'y', 'N', 'True', 'null', '~', '', ' ', '1e3', '0x1f', '0o17', '007', '1_000', '12:30:45'];
const more = ['2001-12-14t21:59:43.10-05:00', '.inf', 'nan', '-0', '=', '<<', '- a', 'a: b', 'a #b', '*a', '!a', '---'];
const quotes = ['"', "'", '\\', '\\"', '"quoted"', '\\n', '\\u0041', '^/a\\.b$', '^(?:"|\\\\)*\\d{2,}$', '{"a": 1}'];
const lines = [
  'one\ntwo',
  '\n',
  '\n\n  x',
  'x\n\n',
  'a\r\nb\r\n',
  'a\rb',
  '\tx\t',
  'a\n---\nb',
  'a\n...\nb',
  'EOT\n<<EOT',
];
const unicode = ['ü', '日本語', '😀', 'a\u2028b\u2029', '\u0085', '\ufeffx', '\u00a0', '\u0000', '\u007f', '\u001b[0m'];
const prepended = ['\u0600', '\u0600"', '\u06dd\\', '\u{111c3}\n', '"\u070f" \u070f'];
const composed = ['e\u0301', '\u212b', '\u1100\u1161', 'a\u0323\u0307', '\u2126 and ${x}'];

/** Texts that cdktf, Terraform or a YAML reader may misread. */
export const hostile: readonly string[] = [
  ...openers,
  ...toolkit,
  ...yaml,
  ...more,
  ...quotes,
  ...lines,
  ...unicode,
  ...prepended,
  ...composed,
  lua(3),
  ...fc.sample(fc.string({ unit: 'binary', maxLength: 40 }), { seed: 4, numRuns: 50 }),
  ...fc
    .sample(fc.array(fc.constantFrom('$', '%', '{', '}', '"', '\\', '\n', ' ', 'x', ':', '#')), {
      seed: 4,
      numRuns: 50,
    })
    .map((letters) => letters.join('')),
];

/** A text of 200 KB, for which Terraform needs seconds. */
export const long = lua(2_600);
