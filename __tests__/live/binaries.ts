/** The minor that tests run where nothing is said: that of the image which `EnvoySidecar` takes by default. */
const DEFAULT = '1.39';

/** The real Envoy of each supported minor, oldest first, as `scripts/setup.sh test` fetches them. Fails without. */
export function binaries(): ReadonlyMap<string, string> {
  const text = process.env.ENVOY_BINARIES;
  if (!text) {
    throw new Error(
      "ENVOY_BINARIES is not set, and these tests need the real Envoy: run 'npm test', or 'scripts/setup.sh test' and source the file 'env.test' that it writes",
    );
  }
  return new Map(text.split(':').map((entry) => entry.split('=', 2) as [string, string]));
}

/** The real Envoy of one minor. */
export function binary(minor = DEFAULT): string {
  const path = binaries().get(minor);
  if (path === undefined) {
    throw new Error(`ENVOY_BINARIES has no Envoy ${minor}; it has ${[...binaries().keys()].join(', ')}`);
  }
  return path;
}
