import type { X509Certificate } from 'node:crypto';
import { isIp } from '../../options/ip';
import { invalidOption } from '../../options/validate';
import { nameOf } from '../shared/tls/validate-certificate';

/** Each name that clients ask for stands in one of the certificates, if all of them are known. */
export function assertNamesCovered(
  path: string,
  names: readonly string[],
  certificates: readonly (X509Certificate | undefined)[],
): void {
  names.forEach((name, index) => {
    const covers = (one: X509Certificate) =>
      isIp(name) ? one.checkIP(name) : one.checkHost(name, { subject: 'never' });
    if (certificates.every((one) => one !== undefined && covers(one) === undefined)) {
      const known = certificates.flatMap((one) => (one ? [one.subjectAltName ?? 'no name'] : []));
      invalidOption(
        `${path}[${index}]`,
        'must be a name of one of the certificates',
        name,
        `they are made out to ${known.join('; ')}`,
      );
    }
  });
}

/**
 * Each certificate is one that clients get. Of those with one name Envoy knows the first of each kind of key, and takes ECDSA
 * for clients that know it; of those that are left, any.
 */
export function checkChoice(path: string, certificates: readonly (X509Certificate | undefined)[]): void {
  certificates.forEach((one, index) => {
    if (one) {
      const earlier = certificates.slice(0, index).flatMap((other) => other ?? []);
      checkChosen(`${path}[${index}]`, one, earlier);
    }
  });
}

function checkChosen(at: string, one: X509Certificate, earlier: readonly X509Certificate[]): void {
  const names = hostsOf(one);
  const shared = (others: readonly X509Certificate[]) => {
    const theirs = others.flatMap(hostsOf);
    return names.filter((name) => theirs.includes(name));
  };
  const [byChance] = shared(earlier.filter((other) => [keyOf(one), keyOf(other)].sort().join() === 'ed25519,rsa'));
  if (byChance !== undefined) {
    invalidOption(
      at,
      'has a name of an earlier one, and between RSA and Ed25519 Envoy leaves it to chance',
      byChance,
      'take ECDSA instead of Ed25519',
    );
  }
  const alike = earlier.filter((other) => keyOf(other) === keyOf(one));
  if (names.length === 0 && alike.length > 0) {
    invalidOption(
      at,
      'is never shown, since it has no name of a host, and an earlier one has a key of the same kind',
      nameOf(one),
      'put it first: clients that come by an address ask for no name',
    );
  }
  if (names.length > 0 && shared(alike).length === names.length) {
    invalidOption(
      at,
      'is never shown, since earlier ones with keys of the same kind have all its names',
      nameOf(one),
      'leave it out, or have it issued for a key of another kind: ECDSA beside RSA',
    );
  }
}

const keyOf = ({ publicKey }: X509Certificate) => publicKey.asymmetricKeyType;

/** What Envoy chooses by. The common name counts where there is nothing else. */
function hostsOf({ subjectAltName, subject }: X509Certificate): string[] {
  const names = subjectAltName?.split(', ') ?? subject?.split('\n').map((part) => part.replace(/^CN=/, 'DNS:')) ?? [];
  return names.filter((name) => name.startsWith('DNS:')).map((name) => name.slice('DNS:'.length));
}
