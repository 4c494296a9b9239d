/** Of a template, with `*` for one segment whatever it is called, and `**` for more. */
export function templateSegments(template: string): string[] {
  return template
    .replace(/\{[^}=]*=([^}]*)\}/g, '$1')
    .replace(/\{[^}]*\}/g, '*')
    .split('/');
}
