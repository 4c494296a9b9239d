import { isReference } from '../../options/terraform-tokens';
import { child, descendant, error, has, items, type Node, text, typeName, warning } from '../message-reader';
import type { Problem } from '../problem';
import type { Messages, Rule } from '../rule';
import { utf8Length } from '../walk/constraints';

const PACKAGE = 'envoy.extensions.transport_sockets.tls.v3';

/** A server has a certificate, and one way of getting it; a client has one at the most. */
export const tlsCertificates: Rule = (messages) => [
  ...messages(`${PACKAGE}.DownstreamTlsContext`).flatMap((tls) => {
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
  ...messages(`${PACKAGE}.UpstreamTlsContext`).flatMap((tls) => {
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
  const names = messages(`${PACKAGE}.CommonTlsContext`)
    .flatMap((common) => items(common, 'tls_certificate_sds_secret_configs'))
    .filter((user) => !has(user, 'sds_config'))
    .map((user) => text(child(user, 'name')));
  return messages(`${PACKAGE}.Secret`)
    .filter((secret) => has(secret, 'tls_certificate') && names.includes(text(child(secret, 'name'))))
    .map((secret) => child(secret, 'tls_certificate'));
}

/** Names of protocols as TLS sends them: each with its length in a byte, all together with theirs in two. */
export const tlsAlpn: Rule = (messages) => [
  ...messages(`${PACKAGE}.CommonTlsContext`).flatMap((common) => {
    const all = protocols(common);
    return all.split(',').every((name) => utf8Length(name) < 256) && utf8Length(all) < 0xffff
      ? []
      : [
          error(
            'tls-alpn',
            child(common, 'alpn_protocols'),
            'must be names of 255 bytes at the most, and of less than 65535 together; shorten them',
          ),
        ];
  }),
  ...messages(`${PACKAGE}.UpstreamTlsContext`).flatMap((tls) => {
    const common = child(tls, 'common_tls_context');
    const all = protocols(common);
    return all !== '' && all.split(',').includes('')
      ? [error('tls-alpn', child(common, 'alpn_protocols'), 'has an empty name, which makes Envoy crash; remove it')]
      : [];
  }),
];

/** Envoy puts all of them into one text, with commas between, and takes that apart. */
function protocols(common: Node): string {
  return items(common, 'alpn_protocols')
    .map(({ value }) => value)
    .join(',');
}

/** The certificate and its key, none without the other. */
function wholeCertificate(certificate: Node): readonly Problem[] {
  const chain = hasSource(certificate, 'certificate_chain');
  const key = hasSource(certificate, 'private_key') || has(certificate, 'private_key_provider');
  if (has(certificate, 'pkcs12') || (chain && key)) {
    return [];
  }
  const missing = chain ? 'private_key' : 'certificate_chain';
  return [error('tls-certificate', certificate, `has no ${missing}; add it`)];
}

const hasSource = (node: Node, field: string) =>
  has(node, field) && child(child(node, field), 'inline_string').value !== '';

/** What is said about certificates of the other side needs an authority for them. */
export const tlsAuthority: Rule = (messages) =>
  messages(`${PACKAGE}.CertificateValidationContext`).flatMap((context) => {
    const trusts = AUTHORITIES.some((field) => has(context, field));
    const empty = has(context, 'trusted_ca') && !hasSource(context, 'trusted_ca');
    const needing = ['crl', 'allow_expired_certificate'].filter(
      (field) => has(context, field) && child(context, field).value !== false,
    );
    return [
      ...(empty
        ? [error('tls-authority', child(context, 'trusted_ca'), 'is empty; write the PEM of the authority')]
        : []),
      ...(trusts
        ? []
        : needing.map((field) =>
            error('tls-authority', child(context, field), 'says nothing without an authority; set trusted_ca'),
          )),
    ];
  });

/** `system_root_certs` and `ca_certificate_provider_instance` are for clients of gRPC: Envoy takes them, and any certificate. */
const AUTHORITIES = ['trusted_ca', 'custom_validator_config'];

/** Inline certificates and keys have the frame of PEM around them. Whether they fit each other is not looked at. */
export const pem: Rule = (messages) => [
  ...messages(`${PACKAGE}.TlsCertificate`).flatMap((certificate) => [
    ...unframed(child(certificate, 'certificate_chain'), 'CERTIFICATE'),
    ...unframed(child(certificate, 'private_key'), 'PRIVATE KEY'),
  ]),
  ...messages(`${PACKAGE}.CertificateValidationContext`).flatMap((context) =>
    unframed(child(context, 'trusted_ca'), 'CERTIFICATE'),
  ),
];

/** Neither a certificate nor a key is shown: it may be the wrong one of the two. */
function unframed(source: Node, label: string): readonly Problem[] {
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

/** What a server shows is looked at, and names only in certificates that not everybody can make. */
export const tlsVerification: Rule = (messages) => [
  ...messages(`${PACKAGE}.UpstreamTlsContext`).flatMap((tls) => {
    const { contexts, isOpen } = verifying(messages, tls);
    if (comparesNames(tls, contexts) && isOpen) {
      return [error('tls-verification', tls, NAMES_ALONE)];
    }
    const pinned = ['verify_certificate_hash', 'verify_certificate_spki'];
    return !isOpen || pinned.some((field) => contexts.some((context) => items(context, field).length > 0))
      ? []
      : [
          warning(
            'tls-verification',
            tls,
            'takes any certificate, so anybody on the way can read along; set common_tls_context.validation_context.trusted_ca',
          ),
        ];
  }),
  ...messages(`${PACKAGE}.DownstreamTlsContext`).flatMap((tls) => {
    const { contexts, isOpen } = verifying(messages, tls);
    return comparesNames(tls, contexts) && isOpen ? [error('tls-verification', tls, NAMES_ALONE)] : [];
  }),
];

const NAMES_ALONE = 'compares names of certificates that anybody can make; add trusted_ca to the validation_context';

function comparesNames(tls: Node, contexts: readonly Node[]): boolean {
  const names = ['match_typed_subject_alt_names', 'match_subject_alt_names'];
  return (
    child(tls, 'auto_sni_san_validation').value === true ||
    names.some((field) => contexts.some((context) => items(context, field).length > 0))
  );
}

/** By what the other side's certificate is looked at, and whether that leaves open who made it. What comes later is not known. */
function verifying(messages: Messages, tls: Node) {
  const common = child(tls, 'common_tls_context');
  const combined = child(common, 'combined_validation_context');
  const field = 'validation_context_sds_secret_config';
  const secrets = [common, combined].flatMap((node) => (has(node, field) ? [child(node, field)] : []));
  const contexts = [
    child(common, 'validation_context'),
    child(combined, 'default_validation_context'),
    ...secrets.flatMap((secret) =>
      messages(`${PACKAGE}.Secret`)
        .filter((each) => child(each, 'name').value === child(secret, 'name').value)
        .map((each) => child(each, 'validation_context')),
    ),
  ];
  const isOpen =
    !secrets.some((secret) => has(secret, 'sds_config')) &&
    !has(common, 'custom_handshaker') &&
    !AUTHORITIES.some((authority) => contexts.some((context) => has(context, authority)));
  return { contexts, isOpen };
}

/** A request for client certificates without an authority lets anybody in. */
export const tlsClients: Rule = (messages) =>
  messages(`${PACKAGE}.DownstreamTlsContext`).flatMap((tls) => {
    const common = child(tls, 'common_tls_context');
    const contexts = ['validation_context', 'combined_validation_context', 'validation_context_sds_secret_config'];
    return child(tls, 'require_client_certificate').value === true &&
      !contexts.some((field) => has(common, field)) &&
      !has(common, 'custom_handshaker')
      ? [
          warning(
            'tls-verification',
            child(tls, 'require_client_certificate'),
            'asks for a certificate and takes any; set common_tls_context.validation_context.trusted_ca',
          ),
        ]
      : [];
  });

const ON_DEMAND = 'envoy.extensions.transport_sockets.tls.cert_selectors.on_demand_secret.v3.Config';

/** A server that fetches a certificate when it needs it resumes no session. */
export const onDemandCertificate: Rule = (messages) =>
  messages(`${PACKAGE}.DownstreamTlsContext`)
    .filter(
      (tls) =>
        typeName(descendant(tls, 'common_tls_context', 'custom_tls_certificate_selector', 'typed_config')) ===
        ON_DEMAND,
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
