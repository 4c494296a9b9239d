/** What an option object may hold, as data. Written from the types of the options, for callers without types. */
export interface OptionShape {
  readonly [name: string]: Option;
}

/** Shapes by the names of their types, among them these. */
export type OptionShapes<Root extends string = never> = Readonly<
  Record<string, OptionShape> & Record<Root, OptionShape>
>;

export interface Option {
  /** One of these is enough. */
  readonly types: readonly OptionType[];
  readonly required?: true;
  /** Whether a message must not show its value: `itself` for a secret, `inside` for an object that holds one. */
  readonly secret?: 'itself' | 'inside';
  /** Whether it may be a list that only Terraform knows. */
  readonly references?: true;
  /** A value for the remedy of a message: the tag `@example`. */
  readonly example?: string;
}

export type OptionType =
  | 'string'
  | 'number'
  | 'boolean'
  | 'function'
  /** An object whose fields others check: a message of Envoy, a construct. */
  | 'object'
  /** A text of a form, by the name of its type: `Duration`. */
  | { readonly text: string }
  | { readonly literal: string | number | boolean }
  | { readonly list: readonly OptionType[] }
  /** An object with any keys. */
  | { readonly record: readonly OptionType[] }
  /** An object with these options, or with those of the shape of this name. */
  | { readonly fields: string | OptionShape };

/** Whether a type is of this kind, as `{ list }`. */
export function isKind<Kind extends string>(
  kind: Kind,
  type: OptionType,
): type is Extract<OptionType, Readonly<Record<Kind, unknown>>> {
  return typeof type === 'object' && kind in type;
}

/** The shape that a type has or names. */
export function shapeOf(fields: string | OptionShape, shapes: OptionShapes): OptionShape {
  return typeof fields === 'string' ? (shapes[fields] ?? {}) : fields;
}

export function requiredOf(shape: OptionShape): string[] {
  return Object.keys(shape).filter((name) => shape[name]?.required);
}
