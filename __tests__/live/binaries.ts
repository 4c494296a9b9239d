/** The minor that tests run by default: that of the default image of `EnvoySidecar`. */
const DEFAULT = '1.39';

/** Returns the real Envoy of each supported minor, oldest first. Throws if `scripts/setup.sh test` has not run. */
export function binaries(): ReadonlyMap<string, string> {
  const text = process.env.ENVOY_BINARIES;
  if (!text) {
    throw new Error(
      "ENVOY_BINARIES is not set, and these tests need the real Envoy: run 'npm test', or 'scripts/setup.sh test' and source the file 'env.test' that it writes",
    );
  }
  return new Map(text.split(':').map((entry) => entry.split('=', 2) as [string, string]));
}

/** Returns the real Envoy of one minor. */
export function binary(minor = DEFAULT): string {
  const path = binaries().get(minor);
  if (path === undefined) {
    throw new Error(`ENVOY_BINARIES has no Envoy ${minor}; it has ${[...binaries().keys()].join(', ')}`);
  }
  return path;
}
