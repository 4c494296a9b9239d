import type { X509Certificate } from 'node:crypto';
import type { envoy } from '../../../messages/schema/types';
import { invalidOption, keysOf, kindOf, refuseUnknown } from '../../../options/validate';
import type { Certificate } from './certificate-options';
import { filePath } from './pem';
import { readAgain, type SdsSecretConfig, type TlsPart } from './sds-secret';
import { checkCertificate } from './validate-certificate';

type TlsCertificate = envoy.extensions.transport_sockets.tls.v3.TlsCertificate;

/** What one certificate adds. */
export interface OwnCertificate extends TlsPart {
  /** The files that it is in. */
  readonly certificate: TlsCertificate;
  /** By what Envoy reads these files again, if something else than Terraform writes them. */
  readonly renewed?: SdsSecretConfig;
  readonly known?: X509Certificate | undefined;
}

/**
 * @param name - of the secret
 * @param fileOf - where a file of ours is, by its end
 */
export function ownCertificate(
  at: string,
  certificate: Certificate,
  name: string,
  fileOf: (end: 'pem' | 'key' | 'yaml') => string,
): OwnCertificate {
  refuseIncomplete(at, certificate);
  if ('certificateChain' in certificate) {
    const { certificateChain, privateKey, ...unknown } = certificate;
    refuseUnknown(at, unknown, kindOf);
    const known = checkCertificate(at, certificateChain, privateKey);
    const [chainFile, keyFile] = [fileOf('pem'), fileOf('key')];
    return {
      known,
      certificate: inFiles(chainFile, keyFile),
      files: [
        { path: chainFile, content: certificateChain },
        { path: keyFile, content: privateKey, sensitive: true },
      ],
    };
  }
  const { certificateChainFile, privateKeyFile, ...unknown } = certificate;
  refuseUnknown(at, unknown, kindOf);
  const files = inFiles(
    filePath(`${at}.certificateChainFile`, certificateChainFile),
    filePath(`${at}.privateKeyFile`, privateKeyFile),
  );
  const { config, file } = readAgain(fileOf('yaml'), { name, tls_certificate: files });
  return {
    certificate: files,
    renewed: config,
    files: [file],
    checked: { tls_certificates: [files], validation_context: NOBODY },
  };
}

/** For callers without types. What they gave instead may be the key, so it is not shown. */
function refuseIncomplete(at: string, certificate: object): void {
  const whole = [
    ['certificateChain', 'privateKey'],
    ['certificateChainFile', 'privateKeyFile'],
  ].some((names) => names.every((name) => typeof Object(certificate)[name] === 'string'));
  if (!whole) {
    const problem =
      'must be { certificateChain, privateKey } or { certificateChainFile, privateKeyFile }, all of them texts';
    invalidOption(at, problem, keysOf(certificate), 'give it both of one of the two');
  }
}

function inFiles(chain: string, key: string): TlsCertificate {
  return { certificate_chain: { filename: chain }, private_key: { filename: key } };
}

/** As a client, which it never is where it only looks at files, Envoy would trust nobody. */
const NOBODY = { verify_certificate_hash: ['0'.repeat(64)] };
