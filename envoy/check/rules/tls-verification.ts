import { child, error, has, items, type Node, warning } from '../message-reader';
import type { Messages, Rule } from '../rule';
import { TLS } from './message-types';
import { hasSource } from './tls-certificates';

/** `system_root_certs` and `ca_certificate_provider_instance` are for clients of gRPC: Envoy takes them, and any certificate. */
const AUTHORITIES = ['trusted_ca', 'custom_validator_config'];

/** What is said about certificates of the other side needs an authority for them. */
export const tlsAuthority: Rule = (messages) =>
  messages(`${TLS}.CertificateValidationContext`).flatMap((context) => {
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

/** What a server shows is looked at, and names only in certificates that not everybody can make. */
export const tlsVerification: Rule = (messages) => [
  ...messages(`${TLS}.UpstreamTlsContext`).flatMap((tls) => {
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
  ...messages(`${TLS}.DownstreamTlsContext`).flatMap((tls) => {
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
      messages(`${TLS}.Secret`)
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
  messages(`${TLS}.DownstreamTlsContext`).flatMap((tls) => {
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
