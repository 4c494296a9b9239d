import type { Duration } from '../../options/units';
import type { Certificate } from '../shared/tls/certificate-options';
import type { ClientCertificates } from './client-certificates';

/** Serves HTTPS and HTTP/2 to clients. The port then accepts only TLS. */
export interface TlsOptions {
  /**
   * Certificates with their private keys. Envoy chooses by the name that the client asks for (SNI). Two certificates for one
   * name must have different key types, such as RSA and ECDSA. Clients that support ECDSA then get the ECDSA certificate. A
   * client with an unknown name gets the first certificate. A client without a name gets the first ECDSA certificate, or the
   * first other one if it doesn't support ECDSA.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/security/ssl
   * @example [{ certificateChainFile: '/tls/fullchain.pem', privateKeyFile: '/tls/key.pem' }]
   */
  readonly certificates: readonly [Certificate, ...Certificate[]];
  /**
   * Selects Mozilla's TLS profile. `'intermediate'` accepts TLS 1.2 and 1.3 with forward secrecy and authenticated ciphers.
   * `'modern'` accepts TLS 1.3 only.
   *
   * @see https://wiki.mozilla.org/Security/Server_Side_TLS
   * @default 'intermediate' - Mozilla's recommendation for services with unknown clients
   */
  readonly profile?: 'intermediate' | 'modern';
  /**
   * Host names and addresses that the certificates must cover. Synthesis fails if no certificate covers one of them. This
   * check needs certificates that are known at synthesis. It changes nothing in Envoy.
   *
   * @default - no check of the names
   * @example ['api.example.com']
   */
  readonly verifyNames?: readonly string[];
  /**
   * Verifies certificates of clients (mTLS).
   *
   * @default - Envoy asks for no client certificate
   */
  readonly clientCertificates?: ClientCertificates;
  /**
   * Serves plain HTTP on a second port and redirects each request to `https` with 308.
   *
   * @default - none, because a redirect hides a misconfigured client that has already sent its token in clear text
   */
  readonly httpsRedirect?: HttpsRedirectOptions;
  /**
   * Sends `strict-transport-security` with every response, so browsers use only HTTPS from then on. Envoy keeps this header
   * if the API sends it.
   *
   * @see https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Strict-Transport-Security
   * @default {} - after the first visit, a browser never sends plain HTTP that an attacker could intercept
   */
  readonly hsts?: HstsOptions | false;
}

export interface HstsOptions {
  /**
   * Time for which browsers remember to use HTTPS only. If you return to plain HTTP, browsers can't reach the API until it
   * ends.
   *
   * @default '8760h' - a year
   */
  readonly maxAge?: Duration;
  /**
   * Applies HSTS to all subdomains as well, including those of other services.
   *
   * @default false
   */
  readonly includeSubdomains?: boolean;
}

export interface HttpsRedirectOptions {
  /**
   * Port in the container that serves plain HTTP. `EnvoySidecar` publishes it under the name `redirect`.
   *
   * @default 8880
   */
  readonly port?: number;
  /**
   * Port in the redirect's address. Envoy omits 443.
   *
   * @default - the host's port that `EnvoySidecar` publishes as `http`; without `EnvoySidecar` 443
   */
  readonly httpsPort?: number;
}
