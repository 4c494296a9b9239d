import { fail } from './values';

/**
 * Whether this is a text with a reference in it: what stands there is known to Terraform when it applies, and to nobody
 * before. The toolkit writes references so into any text.
 */
export function isReference(value: unknown): boolean {
  return typeof value === 'string' && value.includes('${TfToken[');
}

/** Lists, maps and values without a type, as the toolkit writes those that only Terraform knows. */
function isOther(value: unknown): boolean {
  return typeof value === 'string'
    ? /[#&]\{TfToken\[/.test(value)
    : typeof value === 'object' && value !== null && 'resolve' in value && typeof value.resolve === 'function';
}

/** Refuses references that can't stand in a configuration: the toolkit would write something else in their place. */
export function refuseOtherReferences(value: unknown, path: string): void {
  if (isOther(value)) {
    const got = typeof value === 'string' ? value : 'a value that is resolved later';
    fail(path, "can't be a list, a map or a value of any type that only Terraform knows", got, 'use strings of it');
  }
  if (typeof value === 'object' && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      const at = Array.isArray(value) ? `${path}[${key}]` : `${path}.${key}`;
      refuseOtherReferences(isOther(key) ? key : member, at);
    }
  }
}
