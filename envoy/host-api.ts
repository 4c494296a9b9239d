/** What a host platform and the command line may use of Envoy's side, beyond the public index. */
export { checkSource, type SourceProblem, sourceFormat } from './check/check-source';
export { globalLimits, serviceConfig } from './features/global-rate-limit/limits';
export { asksFor } from './features/health-check';
export {
  ADMIN_ADDRESS,
  CONFIG_FILE,
  CONFIG_FOLDER,
  DEFAULT_IMAGE,
  DEFAULT_PORT,
  DRAIN_PATH,
  portOption,
  STAT_PREFIX,
} from './messages/resource-names';
export { DEFAULT_VERSION } from './messages/schema/envoy-minors';
export { assertOptions } from './options/assert-options';
export { hasFallback, membersOf } from './options/endpoints';
export type { OptionShapes } from './options/option-shape';
export { ENVOY_OPTIONS } from './options/option-shapes';
export { isReference } from './options/terraform-tokens';
export { bytes, integer, port, positiveWholeSeconds, wholeSeconds } from './options/units';
export {
  invalidOption,
  keysOf,
  oneOf,
  refuseUnknown,
  urlPath,
} from './options/validate';
export { resolveEnvoyVersion } from './spec/image-version';
export { createPositionFinder } from './yaml/read/position';
