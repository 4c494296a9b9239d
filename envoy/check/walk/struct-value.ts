import { isReference } from '../../options/terraform-tokens';
import { type Context, UNKNOWN_REFERENCE } from './context';
import { visitMessage } from './message';
import { isJsonObject } from './violation-collector';

/** Checks a Struct, a ListValue or a Value, in which anything may stand that JSON can say. */
export function visitJson(context: Context, type: string, value: unknown): void {
  if (type === 'google.protobuf.ListValue' && isJsonObject(value)) {
    visitMessage(context, type, value);
  } else if (type === 'google.protobuf.ListValue' && !Array.isArray(value)) {
    context.add([{ rule: 'json', message: 'must be a list', got: value }]);
  } else if (type === 'google.protobuf.Struct' && !isJsonObject(value)) {
    context.add([{ rule: 'json', message: 'must be an object', got: value }]);
  } else {
    visitValue(context, value);
  }
}

function visitValue(context: Context, value: unknown): void {
  if (isReference(value)) {
    context.add(typeof value === 'string' ? [] : [UNKNOWN_REFERENCE]);
  } else if (Array.isArray(value) || isJsonObject(value)) {
    context.enter(value, () => {
      const entries: Iterable<readonly [string | number, unknown]> = Array.isArray(value)
        ? value.entries()
        : Object.entries(value);
      context.forEachEntry(entries, (_, child) => visitValue(context, child));
    });
  } else if (typeof value === 'number' ? !Number.isFinite(value) : !PLAIN.has(typeof value) && value !== null) {
    context.add([{ rule: 'json', message: 'must be what JSON has: text, a number, true, false or null', got: value }]);
  }
}

/** `undefined` is what JSON leaves out. */
const PLAIN: ReadonlySet<string> = new Set(['string', 'boolean', 'undefined']);
