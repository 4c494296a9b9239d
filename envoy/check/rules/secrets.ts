import { didYouMean } from '../../options/suggest';
import { child, entries, error, has, items, type Node, quoted, text } from '../message-reader';
import type { Messages, Rule } from '../rule';
import { TLS } from './message-types';

type Kind = 'tls_certificate' | 'validation_context' | 'session_ticket_keys' | 'generic_secret';

/** A secret that is named, and for which no source is given, stands in `static_resources.secrets`, as that kind. */
export const secretExists: Rule = (messages) => {
  const secrets = messages(`${TLS}.Secret`);
  return users(messages).flatMap(([kind, user]) => {
    const name = child(user, 'name');
    const named = text(name);
    const names = secrets.filter((secret) => has(secret, kind)).map((secret) => child(secret, 'name').value);
    const there = names.filter((each) => typeof each === 'string');
    return named === undefined || has(user, 'sds_config') || there.includes(named)
      ? []
      : [
          error(
            'secret-exists',
            name,
            `names the secret '${named}', and no ${kind} of static_resources.secrets is called so; there are ${quoted(there)}${didYouMean(named, there)}; add it, or an sds_config`,
          ),
        ];
  });
};

/** OAuth shows its secret, unless a certificate stands for it. */
export const oauthSecret: Rule = (messages) =>
  messages('envoy.extensions.filters.http.oauth2.v3.OAuth2Config').flatMap((config) => {
    const credentials = child(config, 'credentials');
    return has(config, 'credentials') &&
      !has(credentials, 'token_secret') &&
      child(config, 'auth_type').value !== 'TLS_CLIENT_AUTH'
      ? [error('oauth-secret', credentials, "has no token_secret; add it, or set auth_type to 'TLS_CLIENT_AUTH'")]
      : [];
  });

function users(messages: Messages): readonly (readonly [Kind, Node])[] {
  const set = (kind: Kind, nodes: readonly Node[]) =>
    nodes.filter(({ value }) => value !== undefined && value !== null).map((node) => [kind, node] as const);
  const context = messages(`${TLS}.CommonTlsContext`);
  const combined = messages(`${TLS}.CommonTlsContext.CombinedCertificateValidationContext`);
  const oauth = messages('envoy.extensions.filters.http.oauth2.v3.OAuth2Credentials');
  const injected = messages('envoy.extensions.http.injected_credentials.generic.v3.Generic');
  return [
    ...set(
      'tls_certificate',
      context.flatMap((tls) => items(tls, 'tls_certificate_sds_secret_configs')),
    ),
    ...set(
      'validation_context',
      context.map((tls) => child(tls, 'validation_context_sds_secret_config')),
    ),
    ...set(
      'validation_context',
      combined.map((both) => child(both, 'validation_context_sds_secret_config')),
    ),
    ...set(
      'session_ticket_keys',
      messages(`${TLS}.DownstreamTlsContext`).map((tls) => child(tls, 'session_ticket_keys_sds_secret_config')),
    ),
    ...set(
      'generic_secret',
      oauth.flatMap((keys) => [child(keys, 'token_secret'), child(keys, 'hmac_secret')]),
    ),
    ...set(
      'generic_secret',
      injected.map((injector) => child(injector, 'credential')),
    ),
    ...set(
      'generic_secret',
      messages('envoy.extensions.http.injected_credentials.oauth2.v3.OAuth2.ClientCredentials').map((client) =>
        child(client, 'client_secret'),
      ),
    ),
    ...set(
      'generic_secret',
      messages('envoy.extensions.formatter.generic_secret.v3.GenericSecret').flatMap((formatter) =>
        entries(formatter, 'secret_configs').map(([, secret]) => secret),
      ),
    ),
    ...set(
      'generic_secret',
      messages('envoy.extensions.quic.connection_id_generator.quic_lb.v3.Config').map((generator) =>
        child(generator, 'encryption_parameters'),
      ),
    ),
  ];
}
