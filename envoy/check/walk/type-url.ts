import { TYPED_STRUCT_TYPES, typeFromUrl } from '../../messages/schema/any-type';
import { own, type Shapes, shortName } from '../../messages/schema/descriptors';
import { otherVersion } from '../../messages/schema/envoy-minors';
import { nearest } from '../../options/suggest';
import { isContrib } from './contrib';
import type { Violation } from './violation-collector';

/** The message type that an `@type` or `type_url` names, and what is wrong with it. */
export interface NamedType {
  readonly type?: string;
  readonly faults: readonly Violation[];
}

/** Reads the `@type` of an Any: a prefix, as `type.googleapis.com/`, and a full name. */
export function readType(shapes: Shapes, url: unknown, category: string | undefined): NamedType {
  if (typeof url !== 'string') {
    return { faults: [{ rule: 'any.type', message: 'must be a string', got: url }] };
  }
  const type = typeFromUrl(url);
  const message = own(shapes.model.messages, type);
  const other = own(shapes.model.others ?? {}, type);
  if (category === undefined && other && shapes.knows(other)) {
    return { faults: [] };
  }
  if (!shapes.of(type) && !TYPES_WITHOUT_FIELDS.has(type)) {
    return { faults: [toUnknownType(shapes, type, category)] };
  }
  if (message && !shapes.knows(message)) {
    const why = otherVersion(shapes.model, shapes.at, [message]);
    return { faults: [{ rule: 'version', message: `${shortName(type)} ${why}` }] };
  }
  const misfit = category === undefined ? undefined : checkCategory(shapes, type, category);
  // What is in the wrong message says nothing, and Envoy does not read it as one.
  return misfit ? { faults: [misfit] } : { type, faults: [] };
}

/** What Protocol Buffers have beside messages with fields. */
const TYPES_WITHOUT_FIELDS: ReadonlySet<string> = new Set([
  'google.protobuf.Any',
  'google.protobuf.Struct',
  'google.protobuf.Value',
]);

/** An `@type` without a prefix, which Envoy does not take. */
export function checkPrefix(url: string): Violation | undefined {
  const remedy = `write 'type.googleapis.com/${url.replace(/^\//, '')}'`;
  return url.lastIndexOf('/') > 0 ? undefined : { rule: 'any.prefix', message: 'needs a prefix', got: url, remedy };
}

function toUnknownType(shapes: Shapes, type: string, category: string | undefined): Violation {
  const version = shapes.model.versions[shapes.at];
  if (isContrib(type)) {
    const message = 'is a contrib extension, which is not in the default image';
    return {
      rule: 'any.contrib',
      message,
      got: type,
      remedy: `use the contrib image, envoyproxy/envoy:contrib-v${version}`,
    };
  }
  const fitting = Object.keys(own(shapes.model.extensions, category ?? '') ?? shapes.model.messages);
  const meant = guessType(type, fitting);
  if (API_V2.test(type)) {
    const remedy = meant === undefined ? 'use the one of API v3' : `write '${meant}'`;
    return {
      rule: 'any.unknown',
      message: 'is a type of API v2, which Envoy does not read any more',
      got: type,
      remedy,
    };
  }
  const hint = meant === undefined ? '' : ` (did you mean '${meant}'?)`;
  return { rule: 'any.unknown', message: `is not a type of Envoy ${version}${hint}`, got: type };
}

/** The second version of the API: `envoy.api.v2`, `envoy.config.filter...v2`. */
const API_V2 = /^envoy\..*\bv[12](alpha\d*)?\./;

/** What an extension is called in its package, and in it: `header_to_metadata`, `Config`. */
function splitTypeName(type: string): readonly [extension: string, message: string] {
  const parts = type.split('.').filter((part) => !/^v\d+(alpha\d*)?$/.test(part));
  return [parts.at(-2) ?? '', parts.at(-1) ?? ''];
}

/** The type that was probably meant. A wrong package is more often met than a wrong name; an extension is called by its package. */
function guessType(type: string, fitting: readonly string[]): string | undefined {
  const [extension, message] = splitTypeName(type);
  if (extension === '' || message === '') {
    return undefined;
  }
  const alike = fitting.filter((one) => splitTypeName(one)[0] === extension);
  const named = fitting.filter((one) => shortName(one) === message);
  const near = new Map(fitting.map((one) => [splitTypeName(one).join('.'), one]));
  return (
    alike.find((one) => shortName(one) === message) ??
    (alike.length === 1 ? alike[0] : undefined) ??
    (named.length === 1 ? named[0] : undefined) ??
    near.get(nearest(`${extension}.${message}`, near.keys(), 3) ?? '')
  );
}

function checkCategory(shapes: Shapes, type: string, category: string): Violation | undefined {
  const { extensions } = shapes.model;
  // A model without the category knows nothing about it.
  const fitting = own(extensions, category);
  const known = fitting && own(fitting, type);
  if (!fitting || (known && shapes.knows(known)) || TYPED_STRUCT_TYPES.has(type)) {
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
