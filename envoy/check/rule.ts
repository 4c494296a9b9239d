import type { Path } from '../messages/path';
import type { EnvoyVersion } from '../messages/schema/envoy-minors';
import type { Problem } from './problem';

/** A message of a configuration, normalized by the walk, valid or not. */
export interface FoundMessage {
  readonly value: Readonly<Record<string, unknown>>;
  /** Fields by their names in the .proto files, whatever the spelling in the configuration. */
  readonly protoPath: Path;
}

/** All messages of a type, in the order of the configuration, also those in a `typed_config`. */
export type Messages = (type: string) => readonly FoundMessage[];

/** A problem whose path is not yet translated into the spelling of the configuration. */
export interface RuleProblem extends Omit<Problem, 'path'> {
  readonly protoPath: Path;
}

/** Finds, in a whole configuration, problems of one kind that Envoy's schema does not describe. */
export type Rule = (messages: Messages, version: EnvoyVersion) => readonly RuleProblem[];
