import {
  type DescField,
  type DescOneof,
  type FileRegistry,
  getExtension,
  hasExtension,
  toJson,
} from '@bufbuild/protobuf';
import type { Rules } from '../../envoy/messages/schema/model';

type Json = Readonly<Record<string, unknown>>;
/** What becomes of the option of one file's element: the options of fields, oneofs and enum values all hold extensions. */
type Options = Parameters<typeof getExtension>[0];

/** The value of an option that is an extension, as `validate.required`; undefined where it is not set. */
export function option(registry: FileRegistry, options: Options | undefined, name: string): unknown {
  const extension = registry.getExtension(name);
  if (!extension) {
    throw new Error(`no option ${name}`);
  }
  return options && hasExtension(options, extension) ? getExtension(options, extension) : undefined;
}

export function isRequired(registry: FileRegistry, oneof: DescOneof): boolean {
  return option(registry, oneof.proto.options, 'validate.required') === true;
}

/** The rules of protoc-gen-validate for a field, or undefined where there are none. */
export function rulesOf(registry: FileRegistry, field: DescField): Rules | undefined {
  const rules = option(registry, field.proto.options, 'validate.rules');
  if (rules === undefined) {
    return undefined;
  }
  const schema = registry.getMessage('validate.FieldRules');
  if (!schema) {
    throw new Error('no message validate.FieldRules');
  }
  const json = toJson(schema, rules as never, { registry, useProtoFieldName: true });
  const flat = flatten(json as Json, field.toString());
  return Object.keys(flat).length > 0 ? flat : undefined;
}

/** Drops the name of the kind, which the type tells: `{ string: { min_len: '1' } }` becomes `{ min_len: 1 }`. */
function flatten(fieldRules: Json, where: string): Rules {
  const flat: Record<string, unknown> = {};
  for (const [kind, ofKind] of Object.entries(fieldRules)) {
    for (const [name, value] of Object.entries(ofKind as Json)) {
      if (name === 'items' || name === 'keys' || name === 'values') {
        const inner = flatten(value as Json, where);
        if (Object.keys(inner).length > 0) {
          flat[name] = inner;
        }
      } else if (name === 'well_known_regex') {
        flat.well_known = value;
      } else if (wellKnown.has(name)) {
        flat.well_known = name;
      } else if (name === 'strict' ? value === false : value !== false || name === 'const') {
        flat[name] = plain(kind, name, value);
      }
    }
  }
  const strange = Object.keys(flat).filter((name) => !names.has(name));
  if (strange.length > 0) {
    throw new Error(`${where}: no rule is known as ${strange.join(', ')}`);
  }
  return flat;
}

const wellKnown: ReadonlySet<string> = new Set('email hostname ip ipv4 ipv6 uri uri_ref address uuid'.split(' '));
const names: ReadonlySet<string> = new Set(
  (
    'required skip const in not_in lt lte gt gte len min_len max_len min_bytes max_bytes pattern prefix suffix contains ' +
    'not_contains well_known strict ignore_empty defined_only min_items max_items unique items min_pairs max_pairs keys values'
  ).split(' '),
);

/** Rules whose value is of the type of the field itself, and so a text where that is one. */
const ofTheType: ReadonlySet<string> = new Set(
  'const in not_in pattern prefix suffix contains not_contains'.split(' '),
);

/** JSON of Protocol Buffers has numbers of 64 bits in quotes, and durations as `1.5s`. */
function plain(kind: string, name: string, value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((each) => plain(kind, name, each));
  }
  if (kind === 'duration' && typeof value === 'string') {
    return Number(value.replace(/s$/, ''));
  }
  const text = ofTheType.has(name) && /^(string|bytes|any)$/.test(kind);
  return typeof value === 'string' && !text ? Number(value) : value;
}
