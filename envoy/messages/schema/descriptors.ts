import { isKnown } from './envoy-minors';
import type { Field, Known, Message, Model } from './model';

/** A field as one minor of Envoy has it. */
export interface Slot {
  readonly name: string;
  readonly field: Field;
}

/** A message type as one minor of Envoy has it, made for looking things up. */
export interface Shape {
  readonly type: string;
  /** Without its package: `HttpConnectionManager`. */
  readonly name: string;
  readonly message: Message;
  /** In the order of the .proto file. */
  readonly slots: readonly Slot[];
  /** By both spellings, snake_case and camelCase. */
  readonly bySpelling: ReadonlyMap<string, Slot>;
  /** The names of the fields by their oneof. */
  readonly oneofs: ReadonlyMap<string, readonly string[]>;
  /** The fields whose rules say something about a message without them. */
  readonly ruledWhenUnset: readonly Slot[];
}

/** One minor of Envoy's API. Its parts are worked out when they are first asked for. */
export class Shapes {
  private readonly cache = new Map<string, Shape>();

  constructor(
    public readonly model: Model,
    /** The place of the minor in `Model.versions`. */
    public readonly at: number,
  ) {}

  public knows(known: Known): boolean {
    return isKnown(known, this.at);
  }

  /** A message type of the model, or of Protocol Buffers itself; also one that only other minors have. */
  public readonly of = (type: string): Shape | undefined => {
    const message = own(WELL_KNOWN, type) ?? own(this.model.messages, type);
    const shape = this.cache.get(type) ?? (message && this.make(type, message));
    if (shape) {
      this.cache.set(type, shape);
    }
    return shape;
  };

  private make(type: string, message: Message): Shape {
    const slots = Object.entries(message.fields).flatMap(([name, variants]) => {
      const field = variantsOf(variants).find((variant) => this.knows(variant));
      return field ? [{ name, field }] : [];
    });
    const oneofs = new Map<string, string[]>();
    for (const { name, field } of slots) {
      if (field.oneof !== undefined) {
        oneofs.set(field.oneof, [...(oneofs.get(field.oneof) ?? []), name]);
      }
    }
    return {
      type,
      name: shortName(type),
      message,
      slots,
      bySpelling: new Map(slots.flatMap((slot) => [[slot.name, slot] as const, [camelCase(slot.name), slot] as const])),
      oneofs,
      ruledWhenUnset: slots.filter(({ field }) => field.rules && field.oneof === undefined),
    };
  }
}

const made = new WeakMap<Model, Map<number, Shapes>>();

/** The shapes of a minor; an error where the model lacks it. */
export function shapesOf(model: Model, version: string): Shapes {
  const at = model.versions.indexOf(version);
  if (at === -1) {
    throw new Error(`Envoy ${version} is not known; choose one of ${model.versions.join(', ')}`);
  }
  const byPlace = made.get(model) ?? new Map<number, Shapes>();
  made.set(model, byPlace);
  const shapes = byPlace.get(at) ?? new Shapes(model, at);
  byPlace.set(at, shapes);
  return shapes;
}

/** What an object itself has: `constructor` and the like are nothing that a model knows. */
export function own<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}

/** The variants of a field: one, but where the minors differ. */
export function variantsOf(field: Field | readonly Field[]): readonly Field[] {
  return 'type' in field ? [field as Field] : (field as readonly Field[]);
}

/** A full name without its package. */
export function shortName(type: string): string {
  return type.slice(type.lastIndexOf('.') + 1);
}

/** A name as the JSON of Protocol Buffers spells it. */
export function camelCase(name: string): string {
  return name.replace(/_+([^_]|$)/g, (_, letter: string) => letter.toUpperCase());
}

const time: Message = { fields: { seconds: { type: 'int64' }, nanos: { type: 'int32' } } };
const wrapper = (type: string): Message => ({ fields: { value: { type } } });

/** What Protocol Buffers bring along. But for Empty, their JSON is usually not that of a message. */
const WELL_KNOWN: Readonly<Record<string, Message>> = {
  'google.protobuf.Empty': { fields: {} },
  'google.protobuf.Duration': time,
  'google.protobuf.Timestamp': time,
  'google.protobuf.FieldMask': { fields: { paths: { type: 'string', repeated: true } } },
  'google.protobuf.ListValue': { fields: { values: { type: 'google.protobuf.Value', repeated: true } } },
  'google.protobuf.BoolValue': wrapper('bool'),
  'google.protobuf.StringValue': wrapper('string'),
  'google.protobuf.BytesValue': wrapper('bytes'),
  'google.protobuf.DoubleValue': wrapper('double'),
  'google.protobuf.FloatValue': wrapper('float'),
  'google.protobuf.Int32Value': wrapper('int32'),
  'google.protobuf.Int64Value': wrapper('int64'),
  'google.protobuf.UInt32Value': wrapper('uint32'),
  'google.protobuf.UInt64Value': wrapper('uint64'),
};

/** What a wrapper wraps, if this is one. */
export function wrapped(type: string): string | undefined {
  const message = type.endsWith('Value') ? own(WELL_KNOWN, type) : undefined;
  const value = message && own(message.fields, 'value');
  return value && variantsOf(value)[0]?.type;
}
