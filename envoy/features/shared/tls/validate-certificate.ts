import type { X509Certificate } from 'node:crypto';
import { isReference } from '../../../options/terraform-tokens';
import { invalidOption } from '../../../options/validate';
import { certificatesIn, privateKeyIn } from './pem';

/**
 * Looks at a certificate and its key as far as they are known: clients would refuse what is refused here, or Envoy would not
 * start with it.
 *
 * @returns the certificate itself, the first of its chain; nothing if only Terraform knows it
 */
export function checkCertificate(path: string, chain: string, key: string): X509Certificate | undefined {
  const privateKey = isReference(key) ? undefined : privateKeyIn(`${path}.privateKey`, key);
  if (isReference(chain)) {
    return undefined;
  }
  const all = certificatesIn(`${path}.certificateChain`, chain);
  const [first] = all as [X509Certificate, ...X509Certificate[]];
  if (privateKey && !first.checkPrivateKey(privateKey)) {
    invalidOption(
      `${path}.privateKey`,
      'does not belong to the first certificate of the chain',
      nameOf(first),
      'take the key that it was issued for, and put the certificate itself first',
    );
  }
  all.forEach((certificate, index) => {
    checkTimes(`${path}.certificateChain`, certificate);
    const next = all[index + 1];
    if (next && !(certificate.checkIssued(next) && certificate.verify(next.publicKey))) {
      invalidOption(
        `${path}.certificateChain`,
        `must be in order, and certificate ${index + 2} did not issue certificate ${index + 1}`,
        nameOf(next),
        'put the certificate itself first, and behind each the one that issued it',
      );
    }
  });
  return first;
}

/** Extended key usages, by which an authority says what a certificate is for. */
const PURPOSES = { server: '1.3.6.1.5.5.7.3.1', client: '1.3.6.1.5.5.7.3.2' } as const;
/** Not for all, but some take it. */
const ANY_PURPOSE = '2.5.29.37.0';

/** What is issued for one side of TLS alone is refused by the other. */
export function checkPurpose(
  path: string,
  certificate: X509Certificate | undefined,
  side: keyof typeof PURPOSES,
): void {
  const purposes = certificate?.keyUsage;
  if (certificate && purposes && ![PURPOSES[side], ANY_PURPOSE].some((one) => purposes.includes(one))) {
    invalidOption(
      `${path}.certificateChain`,
      `must be for a ${side}, and its extended key usages are others`,
      nameOf(certificate),
      `have it issued with ${side}Auth`,
    );
  }
}

function checkTimes(path: string, certificate: X509Certificate): void {
  const { validFrom, validTo } = certificate;
  if (new Date(validTo) < new Date()) {
    invalidOption(path, `holds ${nameOf(certificate)}, which is over`, validTo, 'have it issued anew');
  }
  if (new Date(validFrom) > new Date()) {
    invalidOption(
      path,
      `holds ${nameOf(certificate)}, which is not valid yet`,
      validFrom,
      'wait, or have it issued anew',
    );
  }
}

/** As far as it helps to find it. */
export function nameOf({ subject, subjectAltName }: X509Certificate): string {
  return subjectAltName ?? subject?.replaceAll('\n', ', ') ?? 'a certificate without a name';
}
