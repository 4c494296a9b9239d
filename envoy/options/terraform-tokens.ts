/**
 * Whether this is a mark that CDK for Terraform (or its fork) leaves in place of a value that only Terraform knows. They
 * are known by their text, since `envoy/` does not import the toolkit: a string that holds `${TfToken[...]}`, a list of
 * nothing but `#{TfToken[...]}` or such a number, an object with the key `&{TfToken[...]}`, a number below -1e288, and an
 * object that is still to be resolved.
 */
export function isReference(value: unknown): boolean {
  switch (typeof value) {
    case 'string':
      return value.includes('${TfToken[');
    case 'number':
      return value < -1e288 && value !== Number.NEGATIVE_INFINITY;
    case 'object':
      return Array.isArray(value) ? isListReference(value) : value !== null && isObjectReference(value);
    default:
      return false;
  }
}

function isListReference([item, ...rest]: readonly unknown[]): boolean {
  return rest.length === 0 && (typeof item === 'string' ? item.startsWith('#{TfToken[') : isNumberReference(item));
}

function isNumberReference(value: unknown): boolean {
  return typeof value === 'number' && isReference(value);
}

function isObjectReference(value: object): boolean {
  for (const key in value) {
    if (key.startsWith('&{TfToken[')) {
      return true;
    }
  }
  return 'resolve' in value && typeof value.resolve === 'function';
}
