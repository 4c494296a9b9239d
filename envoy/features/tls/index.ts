import type { ProxyFragment } from '../../fragments/fragment';
import { extension, type HttpFilter, type RouteMatch } from '../../messages/builders';
import {
  CLIENT_CERTIFICATE_HEADER,
  HSTS_FILTER,
  TLS_FILES,
  tlsCertificate,
  tlsFile,
} from '../../messages/resource-names';
import { wholeSeconds } from '../../options/units';
import { invalidOption, keysOf, oneOf, refuseUnknown } from '../../options/validate';
import type { ScopeContext } from '../feature';
import { checkOf } from '../shared/tls/sds-secret';
import { ownCertificate } from '../shared/tls/tls-certificate';
import { SERVER_TLS } from '../shared/tls/tls-parameters';
import { checkPurpose } from '../shared/tls/validate-certificate';
import { assertNamesCovered, checkChoice } from './certificate-selection';
import { ambiguousSanFilter, clientValidation } from './client-certificates';
import { redirectFromHttp } from './https-redirect';
import type { HstsOptions, TlsOptions } from './options';

function proxy(options: TlsOptions): ProxyFragment {
  const {
    certificates,
    profile = 'intermediate',
    verifyNames = [],
    clientCertificates,
    httpsRedirect,
    hsts = {},
    ...unknown
  } = options;
  refuseUnknown('tls', unknown, keysOf);
  oneOf('tls.profile', profile, ['intermediate', 'modern']);
  if (!certificates?.length) {
    return invalidOption(
      'tls.certificates',
      'must hold a certificate',
      certificates && keysOf(certificates),
      'add { certificateChain, privateKey } or { certificateChainFile, privateKeyFile }',
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
  assertNamesCovered('tls.verifyNames', verifyNames, known);
  const verified = clientCertificates && clientValidation('tls.clientCertificates', clientCertificates);
  const parts = [...own, ...(verified ? [verified] : [])];
  const checks = checkOf(TLS_FILES, parts);
  const secrets = own.flatMap(({ renewed, certificate }, index) =>
    renewed ? [] : [{ name: tlsCertificate(index), tls_certificate: certificate }],
  );
  const redirection = httpsRedirect && redirectFromHttp('tls.httpsRedirect', httpsRedirect);
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
            tls_params: SERVER_TLS[profile],
            alpn_protocols: ['h2', 'http/1.1'],
            // One list for all, as Envoy takes no other beside it.
            tls_certificate_sds_secret_configs: own.map(
              ({ renewed }, index) => renewed ?? { name: tlsCertificate(index) },
            ),
            ...verified?.context,
          },
          ...(clientCertificates && {
            require_client_certificate: clientCertificates.required ?? true,
            ...NO_RESUMPTION,
          }),
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
function credentialMatches(
  _: object,
  { inherited: { clientCertificates } = {} }: ScopeContext<Partial<TlsOptions>>,
): readonly Partial<RouteMatch>[] {
  if (clientCertificates === undefined) {
    invalidOption(
      'tls.clientCertificates',
      'must say whose certificates are taken, with authentication.anyOf',
      clientCertificates,
      'give it trustedCa',
    );
  }
  if (clientCertificates.required !== false) {
    const problem = 'must be false with authentication.anyOf, or nobody comes without a certificate';
    invalidOption('tls.clientCertificates.required', problem, clientCertificates.required, 'write required: false');
  }
  // Here nothing is presented that was not verified.
  return [{ tls_context: { presented: true } }];
}

export const tls = { proxy, credentialMatches };
