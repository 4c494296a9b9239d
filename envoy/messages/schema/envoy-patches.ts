import type { EnvoyVersion } from './envoy-minors';

/** The newest known patch of each minor of Envoy. Written by scripts/envoy-patches.ts: npm run envoy-patches. */
export const NEWEST_PATCHES: Readonly<Record<EnvoyVersion, string>> = {
  '1.37': '1.37.11',
  '1.38': '1.38.9',
  '1.39': '1.39.6',
  '1.40': '1.40.2',
};
