/** Stub until merged with the walk helper's. */
export function isReference(value: unknown): boolean {
  return typeof value === 'string' && value.includes('${TfToken[');
}
