import { error, getField, getItems, hasField, type Node, warning } from '../message-reader';
import type { Messages, Rule } from '../rule';
import { TLS } from './message-types';
import { hasSource } from './tls-certificates';

/** `system_root_certs` and `ca_certificate_provider_instance` are for clients of gRPC: Envoy takes them, and any certificate. */
const AUTHORITIES = ['trusted_ca', 'custom_validator_config'];

/** What is said about certificates of the other side needs an authority for them. */
export const tlsAuthority: Rule = (messages) =>
  messages(`${TLS}.CertificateValidationContext`).flatMap((context) => {
    const trusts = AUTHORITIES.some((field) => hasField(context, field));
    const empty = hasField(context, 'trusted_ca') && !hasSource(context, 'trusted_ca');
    const needing = ['crl', 'allow_expired_certificate'].filter(
      (field) => hasField(context, field) && getField(context, field).value !== false,
    );
    return [
      ...(empty
        ? [error('tls-authority', getField(context, 'trusted_ca'), 'is empty; write the PEM of the authority')]
        : []),
      ...(trusts
        ? []
        : needing.map((field) =>
            error('tls-authority', getField(context, field), 'says nothing without an authority; set trusted_ca'),
          )),
    ];
  });

/** What a server shows is looked at, and names only in certificates that not everybody can make. */
export const tlsVerification: Rule = (messages) => [
  ...messages(`${TLS}.UpstreamTlsContext`).flatMap((tls) => {
    const { contexts, isOpen } = findValidation(messages, tls);
    if (comparesNames(tls, contexts) && isOpen) {
      return [error('tls-verification', tls, NAMES_ALONE)];
    }
    const pinned = ['verify_certificate_hash', 'verify_certificate_spki'];
    return !isOpen || pinned.some((field) => contexts.some((context) => getItems(context, field).length > 0))
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
    const { contexts, isOpen } = findValidation(messages, tls);
    return comparesNames(tls, contexts) && isOpen ? [error('tls-verification', tls, NAMES_ALONE)] : [];
  }),
];

const NAMES_ALONE = 'compares names of certificates that anybody can make; add trusted_ca to the validation_context';

function comparesNames(tls: Node, contexts: readonly Node[]): boolean {
  const names = ['match_typed_subject_alt_names', 'match_subject_alt_names'];
  return (
    getField(tls, 'auto_sni_san_validation').value === true ||
    names.some((field) => contexts.some((context) => getItems(context, field).length > 0))
  );
}

/** By what the other side's certificate is looked at, and whether that leaves open who made it. What comes later is not known. */
function findValidation(messages: Messages, tls: Node) {
  const common = getField(tls, 'common_tls_context');
  const combined = getField(common, 'combined_validation_context');
  const field = 'validation_context_sds_secret_config';
  const secrets = [common, combined].flatMap((node) => (hasField(node, field) ? [getField(node, field)] : []));
  const contexts = [
    getField(common, 'validation_context'),
    getField(combined, 'default_validation_context'),
    ...secrets.flatMap((secret) =>
      messages(`${TLS}.Secret`)
        .filter((each) => getField(each, 'name').value === getField(secret, 'name').value)
        .map((each) => getField(each, 'validation_context')),
    ),
  ];
  const isOpen =
    !secrets.some((secret) => hasField(secret, 'sds_config')) &&
    !hasField(common, 'custom_handshaker') &&
    !AUTHORITIES.some((authority) => contexts.some((context) => hasField(context, authority)));
  return { contexts, isOpen };
}

/** A request for client certificates without an authority lets anybody in. */
export const tlsClients: Rule = (messages) =>
  messages(`${TLS}.DownstreamTlsContext`).flatMap((tls) => {
    const common = getField(tls, 'common_tls_context');
    const contexts = ['validation_context', 'combined_validation_context', 'validation_context_sds_secret_config'];
    return getField(tls, 'require_client_certificate').value === true &&
      !contexts.some((field) => hasField(common, field)) &&
      !hasField(common, 'custom_handshaker')
      ? [
          warning(
            'tls-verification',
            getField(tls, 'require_client_certificate'),
            'asks for a certificate and takes any; set common_tls_context.validation_context.trusted_ca',
          ),
        ]
      : [];
  });
