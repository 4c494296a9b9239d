/** The minors of Envoy that can be checked for, oldest first. */
export const ENVOY_VERSIONS = ['1.37', '1.38', '1.39', '1.40'] as const;

export type EnvoyVersion = (typeof ENVOY_VERSIONS)[number];
