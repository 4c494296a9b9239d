import { invalidOption } from '../../envoy/host-api';
import type { Construct } from '../cdk';
import { ClaimRegistry } from '../terraform/claim-registry';
import { escapeText, isToken } from '../terraform/escape';

/** A name that Docker takes: letters, digits, `_`, `.` and `-`, the first one a letter or digit, two at least. */
export function assertDockerName(path: string, value: string): string {
  if (typeof value !== 'string' || (!isToken(value) && !/^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,62}$/.test(value))) {
    invalidOption(
      path,
      'must be 2 to 63 letters, digits, `_`, `.` or `-`, and begin with a letter or digit',
      value,
      "write for example 'my-api'",
    );
  }
  return value;
}

/** Names of hosts are the same in whatever case. */
const toLowerCase = (name: string) => name.toLowerCase();
export const isSameName = (one: string, other: string) => toLowerCase(one) === toLowerCase(other);
const nameClaims = { container: new ClaimRegistry(toLowerCase), network: new ClaimRegistry(toLowerCase) };

/**
 * The name of a construct; of one that was given none its path, so stack and all, as unique on a host as stack names are.
 * Nobody else in the stack has it: Envoy might find itself by it, or another API.
 */
export function claimName(
  construct: Construct,
  given: string | undefined,
  of: keyof typeof nameClaims = 'container',
): string {
  const name = assertDockerName('name', given ?? toPathName(construct));
  const other = isToken(name) ? undefined : nameClaims[of].claim(construct, name);
  if (other) {
    invalidOption('name', `is also that of '${other.owner.node.path}'`, name, 'give one of them another');
  }
  return name;
}

function toPathName(construct: Construct): string {
  const ids = construct.node.scopes.map(({ node }) => node.id).filter((id) => id !== '');
  return ids
    .join('-')
    .toLowerCase()
    .replace(/[^a-z0-9_.-]/g, '-');
}

/** Labels that tell whose a container is and what for: `docker ps --filter label=cdktf-envoy-sidecar.name=my-api`. */
export function toLabels(
  name: string,
  role: 'api' | 'sidecar' | 'pod-holder' | 'init' | 'rate-limit' | 'redis' | 'delayed-removal',
  own: Readonly<Record<string, string>> = {},
) {
  const all = { ...own, 'cdktf-envoy-sidecar.name': name, 'cdktf-envoy-sidecar.role': role };
  return Object.entries(all).map(([label, value]) => ({ label: escapeText(label), value: escapeText(value) }));
}
