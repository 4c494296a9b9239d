/** Plain text from a comment of a .proto file, which is reStructuredText with marks for Envoy's own documentation. */
export function plainText(comment: string): string {
  return comment
    .replace(/\[#[a-z-]+:[^\]]*\]/g, '')
    .replace(
      /^[ \t]*\.\. (attention|note|tip|warning)::?[ \t]*/gm,
      (_, kind: string) => `${kind[0]?.toUpperCase()}${kind.slice(1)}: `,
    )
    .replace(/^[ \t]*\.\. \S.*\n(?:[ \t]+:[a-z-]+:.*\n)*/gm, '')
    .replace(/:[a-z]+:`([^`<]+?)\s*<[^>`]*>`/g, '$1')
    .replace(/:[a-z]+:`(?:envoy_v3_api_(?:msg|field|enum|enum_value|oneof|file)_)?([^`]+)`/g, '`$1`')
    .replace(/`([^`<]+?)\s*<(https?:[^>`]*)>`__?/g, '$1 ($2)')
    .replace(/`<(https?:[^>`]*)>`__?/g, '$1')
    .replace(/:ref: ?/g, '')
    .replace(/``/g, '`')
    .replace(/\*\//g, '*\\/')
    .split('\n')
    .map((line) => line.replace(/^ /, '').trimEnd())
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

/** A comment of TypeScript of some paragraphs, or nothing where there are none. */
export function docComment(paragraphs: readonly string[], indent: string): string {
  const text = paragraphs.filter(Boolean).join('\n\n');
  if (text === '') {
    return '';
  }
  const lines = text.split('\n');
  return lines.length === 1
    ? `${indent}/** ${text} */\n`
    : `${indent}/**\n${lines.map((line) => `${indent} *${line && ` ${line}`}\n`).join('')}${indent} */\n`;
}
