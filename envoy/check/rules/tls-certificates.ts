import { isReference } from '../../options/terraform-tokens';
import { error, getField, getItems, getMessageType, hasField, type Node, readText } from '../message-reader';
import type { Messages, Rule, RuleProblem } from '../rule';
import { TLS } from './message-types';

/** A server has a certificate, and one way of getting it; a client has one at the most. */
export const tlsCertificates: Rule = (messages) => [
  ...messages(`${TLS}.DownstreamTlsContext`).flatMap((tls) => {
    const common = getField(tls, 'common_tls_context');
    const inline = getItems(common, 'tls_certificates');
    const sds = getItems(common, 'tls_certificate_sds_secret_configs');
    const elsewhere = [
      'tls_certificate_provider_instance',
      'tls_certificate_certificate_provider',
      'tls_certificate_certificate_provider_instance',
      'custom_tls_certificate_selector',
      'custom_handshaker',
    ].some((field) => hasField(common, field));
    if (inline.length > 0 && sds.length > 0) {
      return [
        error(
          'tls-certificate',
          common,
          'has both tls_certificates and tls_certificate_sds_secret_configs; keep one of the two',
        ),
      ];
    }
    return inline.length + sds.length === 0 && !elsewhere && !isReference(getField(common, 'tls_certificates').value)
      ? [
          error(
            'tls-certificate',
            tls,
            'has no certificate to serve; add one to common_tls_context.tls_certificates, with its private key',
          ),
        ]
      : inline.flatMap(checkPair);
  }),
  ...messages(`${TLS}.UpstreamTlsContext`).flatMap((tls) => {
    const common = getField(tls, 'common_tls_context');
    const inline = getItems(common, 'tls_certificates');
    const [, second] = [...inline, ...getItems(common, 'tls_certificate_sds_secret_configs')];
    return [
      ...(second ? [error('tls-certificate', second, 'is a second certificate, and a client has one; remove it')] : []),
      ...inline.flatMap(checkPair),
    ];
  }),
  ...usedSecrets(messages).flatMap(checkPair),
];

/** The certificates of static secrets that are used. */
function usedSecrets(messages: Messages): readonly Node[] {
  const names = messages(`${TLS}.CommonTlsContext`)
    .flatMap((common) => getItems(common, 'tls_certificate_sds_secret_configs'))
    .filter((user) => !hasField(user, 'sds_config'))
    .map((user) => readText(getField(user, 'name')));
  return messages(`${TLS}.Secret`)
    .filter((secret) => hasField(secret, 'tls_certificate') && names.includes(readText(getField(secret, 'name'))))
    .map((secret) => getField(secret, 'tls_certificate'));
}

/** The certificate and its key, none without the other. */
function checkPair(certificate: Node): readonly RuleProblem[] {
  const chain = hasSource(certificate, 'certificate_chain');
  const key = hasSource(certificate, 'private_key') || hasField(certificate, 'private_key_provider');
  if (hasField(certificate, 'pkcs12') || (chain && key)) {
    return [];
  }
  const missing = chain ? 'private_key' : 'certificate_chain';
  return [error('tls-certificate', certificate, `has no ${missing}; add it`)];
}

export const hasSource = (node: Node, field: string) =>
  hasField(node, field) && getField(getField(node, field), 'inline_string').value !== '';

/** Inline certificates and keys have the frame of PEM around them. Whether they fit each other is not looked at. */
export const pem: Rule = (messages) => [
  ...messages(`${TLS}.TlsCertificate`).flatMap((certificate) => [
    ...checkPem(getField(certificate, 'certificate_chain'), 'CERTIFICATE'),
    ...checkPem(getField(certificate, 'private_key'), 'PRIVATE KEY'),
  ]),
  ...messages(`${TLS}.CertificateValidationContext`).flatMap((context) =>
    checkPem(getField(context, 'trusted_ca'), 'CERTIFICATE'),
  ),
];

/** Neither a certificate nor a key is shown: it may be the wrong one of the two. */
function checkPem(source: Node, label: string): readonly RuleProblem[] {
  const node = getField(source, 'inline_string');
  const value = readText(node);
  if (value === undefined) {
    return [];
  }
  const begin = new RegExp(`^-----BEGIN ([A-Z0-9]+ )*${label}-----\\s*$`, 'm');
  const end = new RegExp(`^-----END ([A-Z0-9]+ )*${label}-----\\s*$`, 'm');
  return begin.test(value) && end.test(value)
    ? []
    : [
        error(
          'pem',
          node,
          `has no line -----BEGIN ${label}----- with its END, both at the start of a line; paste the whole PEM file, or name it by filename`,
        ),
      ];
}

const ON_DEMAND = 'envoy.extensions.transport_sockets.tls.cert_selectors.on_demand_secret.v3.Config';

/** A server that fetches a certificate when it needs it resumes no session. */
export const onDemandCertificate: Rule = (messages) =>
  messages(`${TLS}.DownstreamTlsContext`)
    .filter(
      (tls) =>
        getMessageType(getField(tls, 'common_tls_context', 'custom_tls_certificate_selector', 'typed_config')) ===
        ON_DEMAND,
    )
    .flatMap((tls) =>
      ['disable_stateless_session_resumption', 'disable_stateful_session_resumption']
        .filter((field) => getField(tls, field).value !== true)
        .map((field) =>
          error(
            'on-demand-certificate',
            tls,
            `has certificates on demand, which no session resumes; set ${field}: true`,
          ),
        ),
    );
