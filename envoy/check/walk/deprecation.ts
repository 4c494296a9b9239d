import type { Deprecated, Field } from '../../messages/schema/model';
import type { Allows } from './runtime-flags';
import { defaultOf, isScalar } from './scalars';
import type { Fault } from './violation-collector';

/** What Envoy says to a deprecated field or enum value, by its full name. */
export function deprecation(deprecated: Deprecated, name: string, allows: Allows): Fault {
  return deprecated === 'warned' || allows(name)
    ? { severity: 'warning', rule: 'deprecated', message: 'is deprecated: Envoy takes it for now' }
    : {
        rule: 'deprecated.refused',
        message: 'is deprecated, and Envoy refuses it',
        remedy: `remove it, or set envoy.deprecated_features:${name} to true in a static layer of Envoy's runtime`,
      };
}

/** Whether Envoy can tell that a field is set: a scalar that is what it would be anyway is not. */
export function isTold({ type, oneof, repeated, map }: Field, value: unknown): boolean {
  if (repeated) {
    return !Array.isArray(value) || value.length > 0;
  }
  if (map !== undefined) {
    return typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  }
  return oneof !== undefined || !isScalar(type) || value !== defaultOf(type);
}
