import type { Known, Model } from './model';

/** The minors of Envoy whose API the check knows. */
export const ENVOY_VERSIONS = ['1.37', '1.38', '1.39', '1.40'] as const;

export type EnvoyVersion = (typeof ENVOY_VERSIONS)[number];

/** That of the sidecar's own image. */
export const DEFAULT_VERSION: EnvoyVersion = '1.39';

/** Whether the minor at this place of `Model.versions` has it. */
export function isKnown({ since = 0, until = Number.POSITIVE_INFINITY }: Known, at: number): boolean {
  return since <= at && at <= until;
}

/**
 * Why a minor lacks what others have: `needs Envoy 1.39 or later, this is checked for 1.38`, with the nearest minor that
 * has it.
 */
export function otherVersion(model: Model, at: number, those: readonly Known[]): string {
  const others = model.versions.map((_, place) => place).filter((place) => those.some((one) => isKnown(one, place)));
  const later = others.find((place) => place > at);
  const before = others.filter((place) => place < at).pop();
  const checked = `this is checked for ${model.versions[at]}`;
  return before === undefined
    ? `needs Envoy ${model.versions[later ?? at]} or later, ${checked}`
    : `was removed in Envoy ${model.versions[before + 1]}, ${checked}`;
}
