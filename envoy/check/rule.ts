import type { Path } from '../messages/path';
import type { EnvoyVersion } from '../messages/schema/envoy-minors';
import type { Problem } from './problem';

/** A message that the walk through a configuration met, valid or not, with its keys as Envoy's .proto files spell them. */
export interface Met {
  readonly value: Readonly<Record<string, unknown>>;
  readonly path: Path;
}

/** Everything of a configuration that is of this type, in the order of the text, also inside of `typed_config`s. */
export type Messages = (type: string) => readonly Met[];

/** One thing that Envoy's schema can't know, looked for in a whole configuration for a minor of Envoy. */
export type Rule = (messages: Messages, version: EnvoyVersion) => readonly Problem[];
