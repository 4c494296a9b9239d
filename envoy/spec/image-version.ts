import { DEFAULT_VERSION, ENVOY_VERSIONS, type EnvoyVersion } from '../messages/schema/envoy-minors';
import { NEWEST_PATCHES } from '../messages/schema/envoy-patches';
import { isReference } from '../options/terraform-tokens';
import { invalidOption, oneOf } from '../options/validate';

/** The minor of Envoy whose rules count: what was said, or what the image's tag tells. */
export function resolveEnvoyVersion(image: string, said: EnvoyVersion | undefined): EnvoyVersion {
  if (said !== undefined) {
    return oneOf('envoyVersion', said, ENVOY_VERSIONS);
  }
  const tag = isReference(image) ? '' : (image.split('@')[0]?.split('/').at(-1)?.split(':')[1] ?? '');
  const [, major, minor] = /(?:^|-)v?(\d+)\.(\d+)(?:\.|-|$)/.exec(tag) ?? [];
  if (major === undefined || minor === undefined) {
    return DEFAULT_VERSION;
  }
  const known = ENVOY_VERSIONS.find((version) => version === `${major}.${minor}`);
  const [oldest, newest] = [ENVOY_VERSIONS[0], ENVOY_VERSIONS.at(-1) ?? DEFAULT_VERSION];
  if (known === undefined && toOrder(`${major}.${minor}`) < toOrder(oldest)) {
    invalidOption(
      'image',
      `must have Envoy ${oldest} or later, and its tag tells of an older one`,
      image,
      `choose a later one, or say what is in it: envoyVersion: '${newest}'`,
    );
  }
  // Of a newer one than we know, what the newest that we know has is known; Envoy itself checks the rest before anything is replaced.
  return known ?? newest;
}

/**
 * Warns of a patch older than the newest known one of its minor, as its known security faults stay. Only the tags of Envoy's own
 * images, or of a mirror of theirs, tell the patch.
 */
export function warnOfOldPatch(image: string): string[] {
  const [, minor, patch] = /(?:^|\/)envoyproxy\/envoy:(?:[a-z-]+-)?v(\d+\.\d+)\.(\d+)(?:@|$)/.exec(image) ?? [];
  const newest = ENVOY_VERSIONS.filter((version) => version === minor).map((version) => NEWEST_PATCHES[version])[0];
  return newest !== undefined && Number(patch) < Number(newest.split('.')[2])
    ? [
        `image has Envoy ${minor}.${patch}, which lacks the security fixes up to ${newest}. ` +
          `Choose v${newest}, or leave image out.`,
      ]
    : [];
}

function toOrder(version: string): number {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major * 1_000 + minor;
}
