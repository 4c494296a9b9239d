import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { isReference } from '../../../options/terraform-tokens';
import { invalidOption, keysOf, refuseUnknown } from '../../../options/validate';
import type { PemSource } from './pem-source';

/** What is no path may be the key itself, so it is not shown. */
export function filePath(path: string, value: string): string {
  return /^\/[^\r\n]*$/.test(value) || isReference(value)
    ? value
    : invalidOption(
        path,
        'must be an absolute path inside the container',
        lengthOf(value),
        "write for example '/tls/ca.pem'",
      );
}

/** Whose certificates are taken, as Envoy reads it. */
export const authorities = (path: string, source: PemSource) => dataSource(path, source, certificatesIn);

/** Which of an authority's certificates are no longer taken, as Envoy reads it. */
export const revocations = (path: string, source: PemSource) => dataSource(path, source, checkRevocations);

function dataSource(path: string, source: PemSource, checkPem: (path: string, pem: string) => unknown) {
  const has = (name: string) => Object.hasOwn(Object(source), name);
  if (has('file') === has('pem')) {
    return invalidOption(path, 'must be { file } or { pem }', keysOf(source), 'choose one of them');
  }
  if ('file' in source) {
    const { file, ...unknown } = source;
    refuseUnknown(path, unknown, keysOf);
    return { filename: filePath(`${path}.file`, file) };
  }
  const { pem, ...unknown } = source;
  refuseUnknown(path, unknown, keysOf);
  if (!isReference(pem)) {
    checkPem(`${path}.pem`, pem);
  }
  return { inline_string: pem };
}

/** The certificates of a PEM file in their order. */
export function certificatesIn(path: string, pem: string): X509Certificate[] {
  const blocks = blocksOf('CERTIFICATE', pem);
  if (blocks.length === 0 || pem.includes('PRIVATE KEY')) {
    invalidOption(
      path,
      'must hold certificates in PEM, and no key',
      lengthOf(pem),
      'paste the file of the certificates',
    );
  }
  return blocks.map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch {
      return invalidOption(
        path,
        `must be whole, and certificate ${index + 1} of ${blocks.length} can't be read`,
        lengthOf(pem),
        'copy the file anew',
      );
    }
  });
}

function checkRevocations(path: string, pem: string): void {
  if (blocksOf('X509 CRL', pem).length === 0) {
    invalidOption(
      path,
      'must be a list of revoked certificates in PEM',
      lengthOf(pem),
      'begin with -----BEGIN X509 CRL-----',
    );
  }
}

/** A private key that Envoy can use. */
export function privateKeyIn(path: string, pem: string): KeyObject {
  const key = readPrivateKey(path, pem);
  const { modulusLength = 0, namedCurve = '' } = key.asymmetricKeyDetails ?? {};
  const kind = key.asymmetricKeyType ?? 'unknown';
  if (kind === 'rsa' ? modulusLength < 2_048 : !CURVES.includes(namedCurve) && kind !== 'ed25519') {
    invalidOption(
      path,
      'must be of a kind that Envoy serves: RSA of 2048 bits or more, ECDSA with P-256, P-384 or P-521, or Ed25519',
      [kind, modulusLength || namedCurve].filter(Boolean).join(' '),
      'make another key, and have its certificate issued',
    );
  }
  return key;
}

const CURVES = ['prime256v1', 'secp384r1', 'secp521r1'];

function readPrivateKey(path: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    return invalidOption(
      path,
      'must be a private key in PEM, without a passphrase',
      lengthOf(pem),
      'begin with -----BEGIN PRIVATE KEY-----, or name its file by privateKeyFile',
    );
  }
}

function blocksOf(label: string, pem: string): string[] {
  return pem.match(new RegExp(`-----BEGIN ${label}-----[^-]*-----END ${label}-----`, 'g')) ?? [];
}

const lengthOf = (value: string) => `${value.length} characters`;
