import { TYPED_STRUCT_TYPES, typeFromUrl } from '../../messages/schema/any-type';
import { own, wrapped } from '../../messages/schema/descriptors';
import { isReference } from '../../options/terraform-tokens';
import { type Context, UNKNOWN_REFERENCE } from './context';
import { visitElement } from './field';
import { visitFields } from './message';
import { PROTOCOL_OPTIONS } from './protocol-options';
import { checkPrefix, readType } from './type-url';
import { isJsonObject } from './violation-collector';
import { isWrittenAsText } from './well-known-types';

type Fields = Readonly<Record<string, unknown>>;

/** Envoy's own pages write `config: {}` in one, to say no more than the rest of it. */
const FILTER_CONFIG = 'envoy.config.route.v3.FilterConfig';

/** What holds messages that Envoy passes on as they are: it knows their types, and builds nothing from them. */
const HOLDERS_OF_UNREAD_MESSAGES =
  /^envoy\.(config\.core\.v3\.Metadata|extensions\.(wasm\.v3\.(Plugin|Vm)Config|filters\.http\.set_metadata\.v3\.Metadata|.*\.dynamic_modules\.v3\.\w+))$/;

const SOCKET_INPUTS = 'envoy.extensions.matching.common_inputs.transport_socket.v3';

/** Extensions that Envoy does not hold to the rules of their schema. */
const UNVALIDATED: ReadonlySet<string> = new Set([
  'envoy.config.core.v3.HealthCheck.HttpHealthCheck',
  `${SOCKET_INPUTS}.EndpointMetadataInput`,
  `${SOCKET_INPUTS}.FilterStateInput`,
  `${SOCKET_INPUTS}.LocalityMetadataInput`,
  `${SOCKET_INPUTS}.TransportSocketNameAction`,
  'envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig',
  'envoy.extensions.upstreams.http.dynamic_modules.v3.Config',
  'envoy.extensions.watchdog.profile_action.v3.ProfileActionConfig',
]);

/** What stands around an extension of the same category. */
const CATEGORY_PASSED_ON: ReadonlySet<string> = new Set(['envoy.extensions.common.matching.v3.ExtensionWithMatcher']);

/** Checks a message that says itself, by `@type`, what it is, and gives it back as Envoy understands it. */
export function visitAny(context: Context, value: unknown, category: string | undefined): unknown {
  const options =
    category === 'envoy.upstream_options' ? own(PROTOCOL_OPTIONS, `${context.collector.lastStep}`) : undefined;
  if (options !== undefined && isJsonObject(value) && !('@type' in value && readTypeName(value) === options)) {
    return visitOptions(context, options, value);
  }
  const holder = context.parents.at(-1)?.type ?? '';
  const isPassed = category === undefined && HOLDERS_OF_UNREAD_MESSAGES.test(holder);
  const isEmpty = isJsonObject(value) && Object.keys(value).length === 0;
  if (!isJsonObject(value)) {
    context.add([{ rule: 'any', message: "must be an object with '@type'", got: value }]);
  } else if (isEmpty && (isPassed || holder === FILTER_CONFIG)) {
    return value;
  } else if (value['@type'] === undefined) {
    context.add([{ rule: 'any.missing', message: "needs '@type', the name of the message that it is" }]);
  } else {
    const type = readTypeAt(context, '@type', value, category);
    if (type !== undefined) {
      const visit = () => visitTyped(context, type, value, category);
      const fields = isPassed || UNVALIDATED.has(type) ? context.withoutValidation(visit) : visit();
      return { '@type': value['@type'], ...fields };
    }
    // Of an unknown message nothing more is told.
    return {};
  }
  return value;
}

/** Protocol options, which Envoy reads as what their key says: JSON of any kind too, and something else that is empty. */
function visitOptions(context: Context, type: string, value: Fields): unknown {
  const shape = context.shapes.of(type);
  const { '@type': url, value: inner, ...rest } = value;
  const given = readTypeName(value);
  if (url !== undefined) {
    readTypeAt(context, '@type', value, undefined);
  }
  if (!shape || isReference(url)) {
    return value;
  }
  let content: unknown = {};
  if (given === 'google.protobuf.Struct' || TYPED_STRUCT_TYPES.has(given)) {
    context.collector.at('value', () => {
      content = context.visit(context, type, inner ?? {});
    });
  } else if (inner === undefined && Object.keys(rest).length === 0) {
    content = visitFields(context, shape, {});
  } else {
    context.add([{ rule: 'any.category', message: `must be ${type} under this key`, got: given }]);
  }
  return isJsonObject(content) ? { '@type': `type.googleapis.com/${type}`, ...content } : value;
}

const readTypeName = (value: Fields) => typeFromUrl(String(value['@type'] ?? ''));

/** The type that stands at this key, with its problems told. */
function readTypeAt(context: Context, key: string, value: Fields, category: string | undefined): string | undefined {
  const url = value[key];
  if (isReference(url)) {
    context.collector.at(key, () => context.add([UNKNOWN_REFERENCE]));
    return undefined;
  }
  const { type, faults } = readType(context.shapes, url, category);
  const prefix = key === '@type' && typeof url === 'string' ? checkPrefix(url) : undefined;
  context.collector.at(key, () => context.add(prefix && faults.length === 0 ? [prefix] : faults));
  return type;
}

function visitTyped(context: Context, type: string, value: Fields, category: string | undefined): Fields {
  const shape = context.shapes.of(type);
  if (TYPED_STRUCT_TYPES.has(type)) {
    return visitTypedStruct(context, type, value, category);
  }
  if (shape && !isWrittenAsText(type) && wrapped(type) === undefined && type !== 'google.protobuf.ListValue') {
    return visitFields(context, shape, value, {
      typed: true,
      around: CATEGORY_PASSED_ON.has(type) ? category : undefined,
    });
  }
  // What is no object in JSON stands in `value` here.
  const inner: Record<string, unknown> = {};
  context.forEachEntry(Object.entries(value), (key, child) => {
    if (key === 'value') {
      inner.value = visitElement(context, type, undefined, child);
    } else if (key !== '@type') {
      context.add([{ rule: 'unknown-field', message: `is not a field: a ${type} stands in 'value' here` }]);
    }
  });
  return inner;
}

/** JSON in `value`, of the type that `type_url` beside it names. */
function visitTypedStruct(context: Context, type: string, struct: Fields, category: string | undefined): Fields {
  const { value, ...rest } = struct;
  const shape = context.shapes.of(type);
  const key = 'typeUrl' in rest ? 'typeUrl' : 'type_url';
  const fields = shape ? visitFields(context, shape, rest, { typed: true }) : rest;
  if (typeof rest[key] !== 'string') {
    context.add([{ rule: 'any.missing', message: 'needs type_url, the name of the message that value is' }]);
    return fields;
  }
  const inner = readTypeAt(context, key, rest, category);
  if (inner === undefined) {
    return fields;
  }
  let read: unknown;
  context.collector.at('value', () => {
    read = context.visit(context, inner, value ?? {});
  });
  return { ...fields, value: read };
}
