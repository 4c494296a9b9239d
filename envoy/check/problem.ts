import type { Path } from '../messages/path';

/** A fault of a configuration: Envoy refuses it, or it does not do what it says. */
export interface Problem {
  /** Envoy accepts a configuration with warnings alone. */
  readonly severity: 'error' | 'warning';
  /** Keys as the configuration spells them. */
  readonly path: Path;
  /** The stable name of the rule: `unknown-field`, `string.min_len`, `cluster-exists`. */
  readonly rule: string;
  /** What is wrong, the value and the remedy, without the path. */
  readonly message: string;
}
