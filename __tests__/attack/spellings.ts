/** Prefixes that some servers remove from a path. */
const PREFIXES = [
  ...['/', '/.', '/./.', '/..', '/x/..', '/%2e', '/%2E', '/%2e%2e', '/x/%2e%2e', '/x/.%2e', '/x/%2E.'],
  ...['/.;', '/.;x=y', '/%2e;', '/%2E;x=y', '/.%3b', '/.%3Bx', '/%2e%3b', '/..;', '/%2e%2e;', '/..%3b'],
  ...['/x/..;', '/x/..;x=1', '/x/%2e%2e;', '/x/.%2e;', '/x/..%3b', '/x/;/..', '/x/;/..;/..;', '/x;/..', '/x;/..;'],
  ...['/;', '/;x', '/;x=1/.', '/%3b', '/%2f', '/%2F', '/%5c', '/\\', '/x\\..', '/x\\..;\\', '/x/..%2f', '/x/..%5c'],
  ...['/%252e', '/x/%252e%252e', '/%u002e', '/x/%u002e%u002e', '/%c0%ae', '/x/%c0%ae%c0%ae', '/%e0%80%ae'],
  ...['/x/%ef%bc%8e%ef%bc%8e', '/%00', '/.%00', '/%0a', '/%0d', '/%09', '/%20', '/%ff', '/x/%ff/..', '/x/%ff/..;/..;'],
  ...['/%2e;/x/..', '/%2e;x/%2e', '/./%2e;', '/%c2%85', '/%ef%bb%bf'],
];

const SUFFIXES = [
  ...['/', '//', '/users', '/users/', ';', ';x', ';x=1/users', '/;x', '%3b', '%3bx', ';%0a', '%2f', '%5c', '\\'],
  ...['%0a', '%0A', '%0d', '%0d%0a', '%09', '%00', '%0b', '%0c', '%1f', '%7f', '%20', '%0ax', '%0a/users', '/%0a'],
  ...['%c2%85', '%c2%a0', '%e2%80%a8', '%e2%80%a9', '%e2%80%8b', '%85', '%ff', '%u000a', '%u0000', '%U000a'],
  ...['.', '%2e', '..', '/.', '/%2e', '/.;', '/%2e;', '/..;', '/x/..', '/x/%2e%2e', '/x/..;', '/x/%2e%2e;'],
  ...['?', '?x=/..;/', '%3f', '%3fx', '%23', '%23x', '%', '%zz', '%2', '.json', '.php', '::$DATA', '~', '*', '+', ','],
];

/** Returns a word in other cases and encodings. */
function wordSpellings(word: string): string[] {
  const hex = (at: number) => word.charCodeAt(at).toString(16);
  const encoded = (at: number, prefix: string) => `${word.slice(0, at)}${prefix}${hex(at)}${word.slice(at + 1)}`;
  const capital = `${word[0]?.toUpperCase()}${word.slice(1)}`;
  const fullWidth = encodeURIComponent(String.fromCodePoint(word.charCodeAt(0) + 0xfee0)) + word.slice(1);
  return [
    ...[word, capital, word.toUpperCase(), encoded(0, '%'), encoded(3, '%'), encoded(1, '%').toUpperCase()],
    ...[encoded(0, '%25'), encoded(0, '%u00'), encoded(2, '%u00'), fullWidth],
  ];
}

/**
 * Returns distinct spellings of a path of one segment: each spelling of the word with each prefix and each suffix.
 *
 * @param below - a path that all spellings start with
 * @param all - adds each prefix with each suffix
 */
export function pathSpellings(word: string, { below = '', all = false } = {}): string[] {
  const forms = wordSpellings(word).map((form) => `/${form}`);
  const spellings = [
    ...forms,
    ...forms.flatMap((form) => PREFIXES.map((before) => before + form)),
    ...forms.flatMap((form) => SUFFIXES.map((after) => form + after)),
    ...(all ? PREFIXES.flatMap((before) => SUFFIXES.map((after) => `${before}/${word}${after}`)) : []),
  ].map((spelling) => below + spelling);
  return [...new Set([...spellings, ...PREFIXES.map((before) => `http://api${below}${before}/${word}`)])];
}

/** Returns distinct spellings of a host. */
export function hostSpellings(host: string): string[] {
  const names = [
    host,
    host.toUpperCase(),
    `${host}.`,
    `${host}..`,
    `.${host}`,
    `www.${host}`,
    `user@${host}`,
    `[${host}]`,
  ];
  const ports = [
    '',
    ':',
    ':x',
    ':80',
    ':080',
    ':+80',
    ':-80',
    ':80x',
    ':99999',
    ':80:80',
    '::',
    ':80.',
    ':%38',
    ':,',
    ';x',
  ];
  const others = [
    '%00',
    '%0a',
    '%20',
    '%2e',
    '/',
    '\\',
    '?',
    '#',
    ',',
    ', api',
    '\t',
    ' ',
    '*',
    "'",
    '\x80',
    '%c3%a9',
    '&',
    '!',
  ];
  const encoded = `%${host.charCodeAt(0).toString(16)}${host.slice(1)}`;
  return [
    ...new Set([
      ...names.flatMap((name) => ports.map((port) => name + port)),
      ...others.flatMap((other) => [host + other, `${host}${other}:80`, `${host}:${other}`, `api${other}${host}`]),
      encoded,
      `${encoded}:80`,
      `api:80@${host}`,
      `${host}:80@api`,
      `api, ${host}`,
    ]),
  ];
}
