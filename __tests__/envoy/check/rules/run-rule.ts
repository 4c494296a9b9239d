import type { Met, Rule } from '../../../../envoy/check/rule';
import { pathText } from '../../../../envoy/messages/path';
import { DEFAULT_VERSION, type EnvoyVersion } from '../../../../envoy/messages/schema/envoy-minors';

/**
 * What a rule says about these messages, a line for each problem. A message stands at `<its short name>[<its place>]`,
 * as `Cluster[0]`, unless it says where with `at`.
 */
export function verdict(
  rule: Rule,
  types: Readonly<Record<string, readonly object[]>>,
  version: EnvoyVersion = DEFAULT_VERSION,
): readonly string[] {
  const met = (type: string): readonly Met[] =>
    (types[type] ?? []).map((message, index) => {
      const { at, ...value } = message as { readonly at?: Met['path'] };
      return { value, path: at ?? [type.slice(type.lastIndexOf('.') + 1), index] };
    });
  return rule(met, version).map(
    ({ severity, rule: name, path, message }) => `${severity} ${name} at ${pathText(path)}: ${message}`,
  );
}
