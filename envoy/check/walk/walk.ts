import type { Path } from '../../messages/path';
import { own, shapesOf, wrapped } from '../../messages/schema/descriptors';
import type { Model } from '../../messages/schema/model';
import { isReference } from '../../options/terraform-tokens';
import type { Problem } from '../problem';
import type { Messages } from '../rule';
import { visitAny } from './any';
import { Context, UNKNOWN_REFERENCE, type Visit } from './context';
import { findEnumName, readEnum } from './enums';
import { visitMessage } from './message';
import { readAllowedFeatures } from './runtime-flags';
import { isScalar, readScalar } from './scalars';
import { visitJson } from './struct-value';

/** What a configuration is made of, and what is wrong with it by Envoy's schema. */
export interface Walked {
  /** Up to 1000 errors. */
  readonly problems: readonly Problem[];
  /** None at all where the walk was given up: half of a configuration says nothing about the other half. */
  readonly messages: Messages;
  /** A path in the spelling of the configuration. */
  readonly toWrittenPath: (protoPath: Path) => Path;
}

/** Holds a configuration against a message type of Envoy's API. `version` is one of the model's. */
export function walk(
  model: Model,
  version: string,
  config: unknown,
  root = 'envoy.config.bootstrap.v3.Bootstrap',
): Walked {
  const context = new Context(shapesOf(model, version), visit, readAllowedFeatures(config));
  visit(context, root, config);
  const { collector, found } = context;
  return {
    problems: collector.problems,
    messages: (type) => (collector.isFull ? undefined : found.get(type)) ?? [],
    toWrittenPath: (protoPath) => collector.toWrittenPath(protoPath),
  };
}

const visit: Visit = (context, type, value, rules, category) => {
  const enumeration = own(context.shapes.model.enums, type);
  if (isReference(value)) {
    const opaque = typeof value === 'string' && OPAQUE.has(wrapped(type) ?? type);
    context.add(opaque ? [] : [UNKNOWN_REFERENCE]);
    return value;
  }
  if (isScalar(type)) {
    return context.interpret(type, rules, readScalar(type, value), value);
  }
  if (enumeration) {
    const read = context.interpret('enum', rules, readEnum(context, type, enumeration, rules, value), value);
    return findEnumName(context.shapes, enumeration, read) ?? read;
  }
  if (JSON_TYPES.has(type)) {
    visitJson(context, type, value);
    return value;
  }
  return type === 'google.protobuf.Any'
    ? visitAny(context, value, category)
    : visitMessage(context, type, value, rules, category);
};

/** Where text stands as it is, so that it does not matter what Terraform makes of it. */
const OPAQUE: ReadonlySet<string> = new Set(['string', 'bytes', 'google.protobuf.Value']);

const JSON_TYPES: ReadonlySet<string> = new Set([
  'google.protobuf.Struct',
  'google.protobuf.Value',
  'google.protobuf.ListValue',
]);
