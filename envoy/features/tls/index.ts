import type { ProxyFragment } from '../../fragments/fragment';
import { extension, type HttpFilter, type RouteMatch } from '../../messages/builders';
import {
  CLIENT_CERTIFICATE_HEADER,
  HSTS_FILTER,
  TLS_FILES,
  tlsCertificate,
  tlsFile,
} from '../../messages/resource-names';
import { type Duration, fail, keysOf, oneOf, refuseUnknown, wholeSeconds } from '../../options/validate';
import type { Certificate } from '../shared/tls/certificate-options';
import { checkOf } from '../shared/tls/sds-secret';
import { ownCertificate } from '../shared/tls/tls-certificate';
import { SERVER_TLS } from '../shared/tls/tls-parameters';
import { checkPurpose } from '../shared/tls/validate-certificate';
import { checkChoice, checkNames } from './certificate-selection';
import { ambiguousSanFilter, type ClientCertificates, clientCertificates } from './client-certificates';
import { redirectFromHttp } from './https-redirect';

/** TLS to the clients, with HTTP/2 for those that can. The port serves nothing else then. */
export interface TlsOptions {
  /**
   * The certificates with their keys. A client gets the one for the name that it asks for (SNI). Of two for one name, as RSA
   * beside ECDSA for old clients, whoever knows ECDSA gets that. A name that none is made out to gets the first; no name at all
   * the first with ECDSA, or, from who doesn't know that, the first of the others.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/security/ssl
   * @example [{ chainFile: '/tls/fullchain.pem', keyFile: '/tls/key.pem' }]
   */
  readonly certificates: readonly [Certificate, ...Certificate[]];
  /**
   * Mozilla's configurations: `intermediate` is TLS 1.2 and 1.3 with forward secrecy and authenticated ciphers alone, `modern`
   * is TLS 1.3 alone.
   *
   * @see https://wiki.mozilla.org/Security/Server_Side_TLS
   * @default 'intermediate', which Mozilla recommends for whoever does not know each client; nothing of it is broken
   */
  readonly preset?: 'intermediate' | 'modern';
  /**
   * Names and addresses by which clients come. When all certificates are known while it synthesizes, a name that none of them
   * is made out to is refused. Changes nothing else.
   *
   * @default - the certificates' names are not looked at
   */
  readonly hosts?: readonly string[];
  /**
   * Clients show certificates of their own (mTLS).
   *
   * @default - they are not asked for one
   */
  readonly clients?: ClientCertificates;
  /**
   * A port of its own on which requests in the plain are sent to `https`, whatever their method (308).
   *
   * @default - none: a client of an API that speaks in the plain by mistake has then told its token already, and would never be noticed
   */
  readonly redirect?: RedirectFromHttp;
  /**
   * Tells browsers to come by `https` alone from now on (`strict-transport-security`), on every answer, Envoy's own ones too. One
   * that the API sends itself is left as it is.
   *
   * @see https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Strict-Transport-Security
   * @default {}, since a browser that was here once then never begins in the plain, where it can be led astray
   */
  readonly hsts?: HstsOptions | false;
}

/** @option `tls.hsts` */
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

/** @option `tls.redirect` */
export interface RedirectFromHttp {
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

function proxy(options: TlsOptions): ProxyFragment {
  const { certificates, preset = 'intermediate', hosts = [], clients, redirect, hsts = {}, ...unknown } = options;
  refuseUnknown('tls', unknown, keysOf);
  oneOf('tls.preset', preset, ['intermediate', 'modern']);
  if (!certificates?.length) {
    return fail(
      'tls.certificates',
      'must hold a certificate',
      certificates && keysOf(certificates),
      'add { chain, key } or { chainFile, keyFile }',
    );
  }
  const own = certificates.map((one, index) =>
    ownCertificate(`tls.certificates[${index}]`, one, tlsCertificate(index), (end) => tlsFile(index, end)),
  );
  const known = own.map((one) => one.known);
  known.forEach((one, index) => {
    checkPurpose(`tls.certificates[${index}]`, one, 'server');
  });
  checkChoice('tls.certificates', known);
  checkNames('tls.hosts', hosts, known);
  const verified = clients && clientCertificates('tls.clients', clients);
  const parts = [...own, ...(verified ? [verified] : [])];
  const checks = checkOf(TLS_FILES, parts);
  const secrets = own.flatMap(({ renewed, certificate }, index) =>
    renewed ? [] : [{ name: tlsCertificate(index), tls_certificate: certificate }],
  );
  const redirection = redirect && redirectFromHttp('tls.redirect', redirect);
  return {
    httpFilters: [...(hsts ? [strictTransport(hsts)] : []), ...(verified ? [ambiguousSanFilter()] : [])],
    identityHeaders: [CLIENT_CERTIFICATE_HEADER],
    connectionManager: verified
      ? {
          forward_client_cert_details: 'SANITIZE_SET',
          set_current_client_cert_details: { subject: true, uri: true, dns: true },
        }
      : { forward_client_cert_details: 'SANITIZE' },
    filterChain: {
      transport_socket: extension(
        'envoy.transport_sockets.tls',
        'envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext',
        {
          common_tls_context: {
            tls_params: SERVER_TLS[preset],
            alpn_protocols: ['h2', 'http/1.1'],
            // One list for all, as Envoy takes no other beside it.
            tls_certificate_sds_secret_configs: own.map(
              ({ renewed }, index) => renewed ?? { name: tlsCertificate(index) },
            ),
            ...verified?.context,
          },
          ...(clients && { require_client_certificate: clients.require ?? true, ...NO_RESUMPTION }),
          // A client knows best which cipher its processor is fast with.
          prefer_client_ciphers: true,
        },
      ),
    },
    ...(redirection && { listeners: [redirection.listener], ports: [redirection.port] }),
    ...(checks.length > 0 && { clusters: checks }),
    ...(secrets.length > 0 && { bootstrap: { static_resources: { secrets } } }),
    files: parts.flatMap(({ files }) => files),
  };
}

/**
 * Envoy verifies a client's certificate in a full handshake only. A session that goes on would outlive the certificate, by
 * session tickets of TLS 1.2 and 1.3, and by session ids of TLS 1.2.
 */
const NO_RESUMPTION = { disable_stateless_session_resumption: true, disable_stateful_session_resumption: true };

/** The first filter, so that it is the last to see an answer. Also what Envoy answers itself passes it. */
function strictTransport({ maxAge = '8760h', includeSubdomains = false, ...unknown }: HstsOptions): HttpFilter {
  refuseUnknown('tls.hsts', unknown);
  const age = `max-age=${wholeSeconds('tls.hsts.maxAge', maxAge)}`;
  const header = {
    key: 'strict-transport-security',
    value: includeSubdomains ? `${age}; includeSubDomains` : age,
  };
  return extension(HSTS_FILTER, 'envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', {
    mutations: { response_mutations: [{ append: { header, append_action: 'ADD_IF_ABSENT' } }] },
  });
}

/** A certificate. One that is not taken has ended its connection. */
function shown(_: object, { clients }: TlsOptions): readonly Partial<RouteMatch>[] {
  if (clients === undefined) {
    fail('tls.clients', 'must say whose certificates are taken, with anyOf', clients, 'give it trustedCa');
  }
  if (clients.require !== false) {
    const problem = 'must be false with anyOf, or nobody comes without a certificate';
    fail('tls.clients.require', problem, clients.require, 'write require: false');
  }
  // Here nothing is presented that was not verified.
  return [{ tls_context: { presented: true } }];
}

export const tls = { proxy, shown };
