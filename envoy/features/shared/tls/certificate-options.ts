// Apart from the checks: these types stand in the public ones, which must not need those of Node.

/** A certificate that Envoy shows, with its key. */
export type Certificate = PemCertificate | CertificateFiles;

/**
 * A certificate as text, and its key. Written out here, both stand in the synthesized stack; a sensitive variable of
 * Terraform or another resource's value do not. Either way they stand in Terraform's state, the key marked as sensitive.
 */
export interface PemCertificate {
  /** PEM: the certificate itself, then those that it was issued by, up to the root, which can be left out. */
  readonly certificateChain: string;
  /**
   * PEM: RSA of 2048 bits or more, ECDSA with P-256, P-384 or P-521, or Ed25519; without a passphrase.
   *
   * @secret
   */
  readonly privateKey: string;
}

/**
 * A certificate in files inside the container, in a mounted folder (`volumes`): Terraform never sees them. Envoy reads them
 * again whenever a file is moved into their folder, and goes on with the old ones if they don't fit each other. New connections
 * get the new certificate, those that are there go on. A file that is written in place is not noticed.
 */
export interface CertificateFiles {
  /** The file of the certificate chain, in PEM, as `/tls/fullchain.pem`. */
  readonly certificateChainFile: string;
  /** The file of the key, in PEM, readable for user 101, as whom Envoy runs. */
  readonly privateKeyFile: string;
}
