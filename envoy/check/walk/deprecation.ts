import type { Deprecated, Field } from '../../messages/schema/model';
import type { IsAllowed } from './runtime-flags';
import { defaultOfScalar, isScalar } from './scalars';
import type { Violation } from './violation-collector';

/** What Envoy says to a deprecated field or enum value, by its full name. */
export function toDeprecation(deprecated: Deprecated, name: string, allows: IsAllowed): Violation {
  return deprecated === 'warned' || allows(name)
    ? { severity: 'warning', rule: 'deprecated', message: 'is deprecated: Envoy takes it for now' }
    : {
        rule: 'deprecated.refused',
        message: 'is deprecated, and Envoy refuses it',
        remedy: `remove it, or set envoy.deprecated_features:${name} to true in a static layer of Envoy's runtime`,
      };
}

/** Whether Envoy can tell that a field is set: a scalar that is what it would be anyway is not. */
export function isDetectable({ type, oneof, repeated, map }: Field, value: unknown): boolean {
  if (repeated) {
    return !Array.isArray(value) || value.length > 0;
  }
  if (map !== undefined) {
    return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  }
  return oneof !== undefined || !isScalar(type) || value !== defaultOfScalar(type);
}
