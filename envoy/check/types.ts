import type { Fault } from './report';
import { own, type Shapes, shortName } from './shapes';
import { nearest } from './suggest';
import { otherVersion } from './versions';

/** The message type that an `@type` or `type_url` names, and what is wrong with it. */
export interface Named {
  readonly type?: string;
  readonly faults: readonly Fault[];
}

/** Reads the `@type` of an Any: a prefix, as `type.googleapis.com/`, and a full name. */
export function readType(shapes: Shapes, url: unknown, category: string | undefined): Named {
  if (typeof url !== 'string') {
    return { faults: [{ rule: 'any.type', message: 'must be a string', got: url }] };
  }
  const type = url.slice(url.lastIndexOf('/') + 1);
  const message = own(shapes.model.messages, type);
  if (!shapes.of(type) && !FREE.has(type)) {
    return { faults: [unknownType(shapes, type, category)] };
  }
  if (message && !shapes.knows(message)) {
    const why = otherVersion(shapes.model, shapes.at, [message]);
    return { faults: [{ rule: 'version', message: `${shortName(type)} ${why}` }] };
  }
  const misfit = category === undefined ? undefined : wrongCategory(shapes, type, category);
  // What is in the wrong message says nothing, and Envoy does not read it as one.
  return misfit ? { faults: [misfit] } : { type, faults: [] };
}

/** What Protocol Buffers have beside messages with fields. */
const FREE: ReadonlySet<string> = new Set(['google.protobuf.Any', 'google.protobuf.Struct', 'google.protobuf.Value']);

/** An `@type` without a prefix, which Envoy does not take. */
export function withoutPrefix(url: string): Fault | undefined {
  const remedy = `write 'type.googleapis.com/${url.replace(/^\//, '')}'`;
  return url.lastIndexOf('/') > 0 ? undefined : { rule: 'any.prefix', message: 'needs a prefix', got: url, remedy };
}

function unknownType(shapes: Shapes, type: string, category: string | undefined): Fault {
  const fitting = Object.keys(own(shapes.model.extensions, category ?? '') ?? shapes.model.messages);
  // A wrong package is more often met than a wrong name, and costs more letters than a guess may.
  const meant =
    nearest(type, fitting) ?? fitting.find((candidate) => shortName(candidate) === shortName(type) && type !== '');
  const hint = meant === undefined ? '' : ` (did you mean '${meant}'?)`;
  return {
    rule: 'any.unknown',
    message: `is not a type of Envoy ${shapes.model.versions[shapes.at]}${hint}`,
    got: type,
  };
}

function wrongCategory(shapes: Shapes, type: string, category: string): Fault | undefined {
  const { extensions } = shapes.model;
  // A model without the category knows nothing about it.
  const fitting = own(extensions, category);
  const known = fitting && own(fitting, type);
  if (!fitting || (known && shapes.knows(known)) || TYPED_STRUCT.has(type)) {
    return undefined;
  }
  if (known) {
    return { rule: 'version', message: `${shortName(type)} ${otherVersion(shapes.model, shapes.at, [known])}` };
  }
  const names = Object.keys(fitting).filter((name) => shapes.knows(fitting[name] ?? {}));
  const is = Object.keys(extensions).filter((other) => Object.hasOwn(extensions[other] ?? {}, type));
  const what = is.length === 0 ? 'is no extension' : `is one of ${is.join(', ')}`;
  const message = `must be an extension of the category ${category}, and ${shortName(type)} ${what}`;
  return {
    rule: 'any.category',
    message,
    ...(names.length <= 5 ? { remedy: `choose one of ${names.join(', ')}` } : {}),
  };
}

/** Messages that stand for one of another type, which is named in `type_url` and given as plain JSON in `value`. */
export const TYPED_STRUCT: ReadonlySet<string> = new Set(['xds.type.v3.TypedStruct', 'udpa.type.v1.TypedStruct']);
