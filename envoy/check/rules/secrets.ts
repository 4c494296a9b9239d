import { didYouMean } from '../../options/suggest';
import { error, getEntries, getField, getItems, hasField, type Node, quoteNames, readText } from '../message-reader';
import type { Messages, Rule } from '../rule';
import { TLS } from './message-types';

type Kind = 'tls_certificate' | 'validation_context' | 'session_ticket_keys' | 'generic_secret';

/** A secret that is named, and for which no source is given, stands in `static_resources.secrets`, as that kind. */
export const secretExists: Rule = (messages) => {
  const secrets = messages(`${TLS}.Secret`);
  return findSecretUsers(messages).flatMap(([kind, user]) => {
    const name = getField(user, 'name');
    const named = readText(name);
    const names = secrets.filter((secret) => hasField(secret, kind)).map((secret) => getField(secret, 'name').value);
    const there = names.filter((each) => typeof each === 'string');
    return named === undefined || hasField(user, 'sds_config') || there.includes(named)
      ? []
      : [
          error(
            'secret-exists',
            name,
            `names the secret '${named}', and no ${kind} of static_resources.secrets is called so; there are ${quoteNames(there)}${didYouMean(named, there)}; add it, or an sds_config`,
          ),
        ];
  });
};

/** OAuth shows its secret, unless a certificate stands for it. */
export const oauthSecret: Rule = (messages) =>
  messages('envoy.extensions.filters.http.oauth2.v3.OAuth2Config').flatMap((config) => {
    const credentials = getField(config, 'credentials');
    return hasField(config, 'credentials') &&
      !hasField(credentials, 'token_secret') &&
      getField(config, 'auth_type').value !== 'TLS_CLIENT_AUTH'
      ? [error('oauth-secret', credentials, "has no token_secret; add it, or set auth_type to 'TLS_CLIENT_AUTH'")]
      : [];
  });

function findSecretUsers(messages: Messages): readonly (readonly [Kind, Node])[] {
  const set = (kind: Kind, nodes: readonly Node[]) =>
    nodes.filter(({ value }) => value !== undefined && value !== null).map((node) => [kind, node] as const);
  const context = messages(`${TLS}.CommonTlsContext`);
  const combined = messages(`${TLS}.CommonTlsContext.CombinedCertificateValidationContext`);
  const oauth = messages('envoy.extensions.filters.http.oauth2.v3.OAuth2Credentials');
  const injected = messages('envoy.extensions.http.injected_credentials.generic.v3.Generic');
  return [
    ...set(
      'tls_certificate',
      context.flatMap((tls) => getItems(tls, 'tls_certificate_sds_secret_configs')),
    ),
    ...set(
      'validation_context',
      context.map((tls) => getField(tls, 'validation_context_sds_secret_config')),
    ),
    ...set(
      'validation_context',
      combined.map((both) => getField(both, 'validation_context_sds_secret_config')),
    ),
    ...set(
      'session_ticket_keys',
      messages(`${TLS}.DownstreamTlsContext`).map((tls) => getField(tls, 'session_ticket_keys_sds_secret_config')),
    ),
    ...set(
      'generic_secret',
      oauth.flatMap((keys) => [getField(keys, 'token_secret'), getField(keys, 'hmac_secret')]),
    ),
    ...set(
      'generic_secret',
      injected.map((injector) => getField(injector, 'credential')),
    ),
    ...set(
      'generic_secret',
      messages('envoy.extensions.http.injected_credentials.oauth2.v3.OAuth2.ClientCredentials').map((client) =>
        getField(client, 'client_secret'),
      ),
    ),
    ...set(
      'generic_secret',
      messages('envoy.extensions.formatter.generic_secret.v3.GenericSecret').flatMap((formatter) =>
        getEntries(formatter, 'secret_configs').map(([, secret]) => secret),
      ),
    ),
    ...set(
      'generic_secret',
      messages('envoy.extensions.quic.connection_id_generator.quic_lb.v3.Config').map((generator) =>
        getField(generator, 'encryption_parameters'),
      ),
    ),
  ];
}
