import type { Duration } from '../../options/units';
import type { Certificate } from '../shared/tls/certificate-options';
import type { ClientCertificates } from './client-certificates';

/** TLS to the clients, with HTTP/2 for those that can. The port serves nothing else then. */
export interface TlsOptions {
  /**
   * The certificates with their keys. A client gets the one for the name that it asks for (SNI). Of two for one name, as RSA
   * beside ECDSA for old clients, whoever knows ECDSA gets that. A name that none is made out to gets the first; no name at all
   * the first with ECDSA, or, from who doesn't know that, the first of the others.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/security/ssl
   * @example [{ certificateChainFile: '/tls/fullchain.pem', privateKeyFile: '/tls/key.pem' }]
   */
  readonly certificates: readonly [Certificate, ...Certificate[]];
  /**
   * Mozilla's configurations: `intermediate` is TLS 1.2 and 1.3 with forward secrecy and authenticated ciphers alone, `modern`
   * is TLS 1.3 alone.
   *
   * @see https://wiki.mozilla.org/Security/Server_Side_TLS
   * @default 'intermediate', which Mozilla recommends for whoever does not know each client; nothing of it is broken
   */
  readonly profile?: 'intermediate' | 'modern';
  /**
   * Names and addresses by which clients come. When all certificates are known while it synthesizes, a name that none of them
   * is made out to is refused. Changes nothing else.
   *
   * @default - the certificates' names are not looked at
   */
  readonly verifyNames?: readonly string[];
  /**
   * Clients show certificates of their own (mTLS).
   *
   * @default - they are not asked for one
   */
  readonly clientCertificates?: ClientCertificates;
  /**
   * A port of its own on which requests in the plain are sent to `https`, whatever their method (308).
   *
   * @default - none: a client of an API that speaks in the plain by mistake has then told its token already, and would never be noticed
   */
  readonly httpsRedirect?: HttpsRedirectOptions;
  /**
   * Tells browsers to come by `https` alone from now on (`strict-transport-security`), on every answer, Envoy's own ones too. One
   * that the API sends itself is left as it is.
   *
   * @see https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Strict-Transport-Security
   * @default {}, since a browser that was here once then never begins in the plain, where it can be led astray
   */
  readonly hsts?: HstsOptions | false;
}

export interface HstsOptions {
  /**
   * How long browsers remember it. Whoever goes back to plain HTTP loses them for that long.
   *
   * @default '8760h', a year
   */
  readonly maxAge?: Duration;
  /**
   * Whether it holds for all names below this one as well, whoever serves them.
   *
   * @default false
   */
  readonly includeSubdomains?: boolean;
}

export interface HttpsRedirectOptions {
  /**
   * The port inside the container on which plain HTTP is answered. `EnvoySidecar` publishes it by the name `redirect`.
   *
   * @default 8880
   */
  readonly port?: number;
  /**
   * The port that clients are sent to; 443 is left out of the address, as it goes without saying.
   *
   * @default - with `EnvoySidecar` the port of the host on which `http` is published; otherwise 443
   */
  readonly httpsPort?: number;
}
