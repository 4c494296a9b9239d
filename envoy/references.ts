/**
 * Whether this is a text with a reference in it: what stands there is known to Terraform when it applies, and to nobody
 * before. The toolkit writes references so into any text.
 */
export function isReference(value: unknown): boolean {
  return typeof value === 'string' && value.includes('${TfToken[');
}
