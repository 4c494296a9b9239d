import {
  isKind,
  type Option,
  type OptionShapes,
  type OptionType,
  requiredOf,
  shapeOf,
} from '../envoy/options/option-shape';

/** An option with its path. `hold` returns complete options with a value at this path. */
export interface OptionPath {
  readonly path: string;
  readonly option: Option;
  readonly hold: (value: unknown) => object;
}

const FORMS: Readonly<Record<string, string>> = { Duration: '1s', Bytes: '1MiB', Rate: '1/s' };

/** Returns a value of a type with the required options only. */
function sample(type: OptionType | undefined, shapes: OptionShapes): unknown {
  if (type === undefined || typeof type === 'string') {
    const kinds = { string: 'text', number: 1, boolean: true, function: () => undefined, object: {} };
    return kinds[type ?? 'object'];
  }
  if (isKind('literal', type)) {
    return type.literal;
  }
  if (isKind('text', type)) {
    return FORMS[type.text] ?? 'text';
  }
  if (isKind('list', type)) {
    return [sample(type.list[0], shapes)];
  }
  if (isKind('record', type)) {
    return { key: sample(type.record[0], shapes) };
  }
  const shape = shapeOf(type.fields, shapes);
  return Object.fromEntries(requiredOf(shape).map((name) => [name, sample(shape[name]?.types[0], shapes)]));
}

/** Lists every option of a shape and of all nested shapes. Lists have one item, records have one key. */
export function optionPaths(fields: string, shapes: OptionShapes): OptionPath[] {
  return inside({ path: '', option: { types: [{ fields }] }, hold: (value) => value as object }, shapes);
}

function inside({ path, option, hold }: OptionPath, shapes: OptionShapes): OptionPath[] {
  return option.types.flatMap((type) => {
    if (isKind('list', type)) {
      return pathsFrom(
        { path: `${path}[0]`, option: { types: type.list, ...secretOf(option) }, hold: (value) => hold([value]) },
        shapes,
      );
    }
    if (isKind('record', type)) {
      return pathsFrom(
        {
          path: `${path}.key`,
          option: { types: type.record, ...secretOf(option) },
          hold: (value) => hold({ key: value }),
        },
        shapes,
      );
    }
    if (!isKind('fields', type)) {
      return [];
    }
    const others = sample(type, shapes) as object;
    return Object.entries(shapeOf(type.fields, shapes)).flatMap(([name, one]) =>
      pathsFrom(
        {
          path: path === '' ? name : `${path}.${name}`,
          option: one,
          hold: (value) => hold({ ...others, [name]: value }),
        },
        shapes,
      ),
    );
  });
}

const secretOf = ({ secret }: Option) => secret && { secret };

const pathsFrom = (place: OptionPath, shapes: OptionShapes): OptionPath[] => [place, ...inside(place, shapes)];
