/**
 * Envoy's API as `npm run envoy-api` writes it into `model.json`: the Bootstrap, every extension, and all the minors that
 * this library supports, in one.
 */
export interface Model {
  /** The minors, oldest first: `['1.37', '1.38']`. Everything `Known` counts in places of this list. */
  readonly versions: readonly string[];
  /** By full name, as `envoy.config.cluster.v3.Cluster`. */
  readonly messages: Readonly<Record<string, Message>>;
  readonly enums: Readonly<Record<string, Enum>>;
  /**
   * What the release binary has built in: category, as `envoy.filters.http`, then the full name of the message. Where a
   * field takes several categories, they are one here too, joined by commas. Two are not Envoy's:
   * `envoy.filters.http.per_route`, what `typed_per_filter_config` takes, and `envoy.overload_actions`.
   */
  readonly extensions: Readonly<Record<string, Readonly<Record<string, Known>>>>;
  /**
   * Further messages that the release binary knows, by full name: Envoy takes them where it passes a message on, as in the
   * metadata of a cluster. What is in them is not part of the model.
   */
  readonly others?: Readonly<Record<string, Known>>;
}

/** The minors that have something: where nothing is said, all of those that have what it is in. */
export interface Known {
  /** The first minor that has it, as a place in `Model.versions`. */
  readonly since?: number;
  /** The last minor that has it. */
  readonly until?: number;
}

export interface Message extends Known {
  /** By the name in the .proto file, in its order. Several where the minors differ, with no minor in two of them. */
  readonly fields: Readonly<Record<string, Field | readonly Field[]>>;
  /** The oneofs of which one field has to be set. */
  readonly required?: readonly string[];
}

export interface Enum extends Known {
  readonly values: Readonly<Record<string, EnumValue>>;
}

export interface EnumValue extends Known {
  readonly number: number;
  readonly deprecated?: Deprecated;
}

/** `warned`: Envoy takes it and warns. `refused`: Envoy refuses it unless its runtime allows it. */
export type Deprecated = 'warned' | 'refused';

export interface Field extends Known {
  /** A scalar of Protocol Buffers (`string`, `bytes`, `bool`, `int32`, `uint32`, `double` ...), or the full name of a message or enum. */
  readonly type: string;
  readonly repeated?: true;
  /** The scalar of a map's keys; `type` is then that of its values. */
  readonly map?: string;
  /** The oneof that it belongs to, of whose fields one at the most may be set. */
  readonly oneof?: string;
  /** The category of extensions that may stand here, as a `typed_config` or as an extension with one. */
  readonly category?: string;
  readonly deprecated?: Deprecated;
  readonly rules?: Rules;
}

/**
 * The rules of protoc-gen-validate for one field, without the name of their kind, which the type tells. Rules of a wrapper
 * (`google.protobuf.UInt32Value`) are those of what it wraps, and hold where it is set. Durations are in seconds.
 *
 * @see https://github.com/bufbuild/protoc-gen-validate
 */
export interface Rules {
  /** A message, wrapper, duration or Any that has to be set. */
  readonly required?: true;
  /** Of a message: what is inside of it is not held to any rule. */
  readonly skip?: true;
  /** What it has to be; like `in` and `not_in`, by number for an enum. */
  readonly const?: unknown;
  readonly in?: readonly unknown[];
  readonly not_in?: readonly unknown[];
  readonly lt?: number;
  readonly lte?: number;
  readonly gt?: number;
  readonly gte?: number;
  readonly len?: number;
  readonly min_len?: number;
  readonly max_len?: number;
  readonly min_bytes?: number;
  readonly max_bytes?: number;
  readonly pattern?: string;
  readonly prefix?: string;
  readonly suffix?: string;
  readonly contains?: string;
  readonly not_contains?: string;
  /** `email`, `hostname`, `ip`, `uri` ..., or `HTTP_HEADER_NAME`, `HTTP_HEADER_VALUE`. */
  readonly well_known?: string;
  /** Of `well_known`: false for the looser pattern, which only forbids NUL, CR and LF. */
  readonly strict?: false;
  readonly ignore_empty?: true;
  /** Of an enum: only its values, and no other number. */
  readonly defined_only?: true;
  readonly min_items?: number;
  readonly max_items?: number;
  readonly unique?: true;
  readonly items?: Rules;
  readonly min_pairs?: number;
  readonly max_pairs?: number;
  readonly keys?: Rules;
  readonly values?: Rules;
}
