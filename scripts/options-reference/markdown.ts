import ts from 'typescript';

/** An inline code span, also around backticks. */
export function code(text: string): string {
  if (text === '') {
    return '';
  }
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

/** Text on one line. */
export const oneLine = (text: string) => text.replace(/\s+/g, ' ').trim();

/** A docstring with each of its paragraphs and list items on one line. */
export function prose(text: string): string {
  const paragraphs = text.split(/\n{2,}|\n(?=- )/).map(oneLine);
  return paragraphs.join('\n\n').replace(/(?<=\n- .*)\n\n(?=- )/g, '\n');
}

export function docOf(node: ts.Node): string {
  const docs = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  return prose(docs.map((doc) => ts.getTextOfJSDocComment(doc.comment) ?? '').join(' '));
}

/** Headings and paragraphs, with an empty line between them; empty ones are left out. */
export const blocks = (...texts: readonly string[]) => texts.filter((text) => text !== '').join('\n\n');

/** A link with the name of the page that it leads to: `[Envoy: cors_filter](…)`. */
export function linkTo(url: string): string {
  const { hostname, pathname, hash } = new URL(url);
  const site = hostname === 'www.envoyproxy.io' ? 'Envoy' : hostname.replace(/^www\./, '');
  const page = pathname.replace(/\/$/, '').split('/').at(-1) ?? '';
  const place = page.endsWith('.proto') ? hash.split('-').at(-1) : hash.slice(1);
  return `[${site}: ${place || page.replace(/\.(proto|html)$/, '')}](${url})`;
}
