import { isReference } from '../../options/terraform-tokens';
import { child, error, has, items, type Node, text, typeName } from '../message-reader';
import type { Messages, Rule, RuleProblem } from '../rule';
import { TLS } from './message-types';

/** A server has a certificate, and one way of getting it; a client has one at the most. */
export const tlsCertificates: Rule = (messages) => [
  ...messages(`${TLS}.DownstreamTlsContext`).flatMap((tls) => {
    const common = child(tls, 'common_tls_context');
    const inline = items(common, 'tls_certificates');
    const sds = items(common, 'tls_certificate_sds_secret_configs');
    const elsewhere = [
      'tls_certificate_provider_instance',
      'tls_certificate_certificate_provider',
      'tls_certificate_certificate_provider_instance',
      'custom_tls_certificate_selector',
      'custom_handshaker',
    ].some((field) => has(common, field));
    if (inline.length > 0 && sds.length > 0) {
      return [
        error(
          'tls-certificate',
          common,
          'has both tls_certificates and tls_certificate_sds_secret_configs; keep one of the two',
        ),
      ];
    }
    return inline.length + sds.length === 0 && !elsewhere && !isReference(child(common, 'tls_certificates').value)
      ? [
          error(
            'tls-certificate',
            tls,
            'has no certificate to serve; add one to common_tls_context.tls_certificates, with its private key',
          ),
        ]
      : inline.flatMap(wholeCertificate);
  }),
  ...messages(`${TLS}.UpstreamTlsContext`).flatMap((tls) => {
    const common = child(tls, 'common_tls_context');
    const inline = items(common, 'tls_certificates');
    const [, second] = [...inline, ...items(common, 'tls_certificate_sds_secret_configs')];
    return [
      ...(second ? [error('tls-certificate', second, 'is a second certificate, and a client has one; remove it')] : []),
      ...inline.flatMap(wholeCertificate),
    ];
  }),
  ...named(messages).flatMap(wholeCertificate),
];

/** The certificates of static secrets that are used. */
function named(messages: Messages): readonly Node[] {
  const names = messages(`${TLS}.CommonTlsContext`)
    .flatMap((common) => items(common, 'tls_certificate_sds_secret_configs'))
    .filter((user) => !has(user, 'sds_config'))
    .map((user) => text(child(user, 'name')));
  return messages(`${TLS}.Secret`)
    .filter((secret) => has(secret, 'tls_certificate') && names.includes(text(child(secret, 'name'))))
    .map((secret) => child(secret, 'tls_certificate'));
}

/** The certificate and its key, none without the other. */
function wholeCertificate(certificate: Node): readonly RuleProblem[] {
  const chain = hasSource(certificate, 'certificate_chain');
  const key = hasSource(certificate, 'private_key') || has(certificate, 'private_key_provider');
  if (has(certificate, 'pkcs12') || (chain && key)) {
    return [];
  }
  const missing = chain ? 'private_key' : 'certificate_chain';
  return [error('tls-certificate', certificate, `has no ${missing}; add it`)];
}

export const hasSource = (node: Node, field: string) =>
  has(node, field) && child(child(node, field), 'inline_string').value !== '';

/** Inline certificates and keys have the frame of PEM around them. Whether they fit each other is not looked at. */
export const pem: Rule = (messages) => [
  ...messages(`${TLS}.TlsCertificate`).flatMap((certificate) => [
    ...unframed(child(certificate, 'certificate_chain'), 'CERTIFICATE'),
    ...unframed(child(certificate, 'private_key'), 'PRIVATE KEY'),
  ]),
  ...messages(`${TLS}.CertificateValidationContext`).flatMap((context) =>
    unframed(child(context, 'trusted_ca'), 'CERTIFICATE'),
  ),
];

/** Neither a certificate nor a key is shown: it may be the wrong one of the two. */
function unframed(source: Node, label: string): readonly RuleProblem[] {
  const node = child(source, 'inline_string');
  const value = text(node);
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
        typeName(child(tls, 'common_tls_context', 'custom_tls_certificate_selector', 'typed_config')) === ON_DEMAND,
    )
    .flatMap((tls) =>
      ['disable_stateless_session_resumption', 'disable_stateful_session_resumption']
        .filter((field) => child(tls, field).value !== true)
        .map((field) =>
          error(
            'on-demand-certificate',
            tls,
            `has certificates on demand, which no session resumes; set ${field}: true`,
          ),
        ),
    );
