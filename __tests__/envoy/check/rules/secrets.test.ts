import { oauthSecret, secretExists } from '../../../../envoy/check/rules/secrets';
import { runRule } from './run-rule';

test('a secret that is named is there, as the kind that is needed', () => {
  expect(
    runRule(secretExists, {
      'envoy.extensions.transport_sockets.tls.v3.Secret': [
        {
          name: 'server',
          tls_certificate: {},
        },
      ],
      'envoy.extensions.transport_sockets.tls.v3.CommonTlsContext': [
        {
          tls_certificate_sds_secret_configs: [
            {
              name: 'server',
            },
            {
              name: 'sever',
            },
            {
              name: 'x',
              sds_config: {},
            },
          ],
          validation_context_sds_secret_config: {
            name: 'server',
          },
        },
      ],
      'envoy.extensions.filters.http.oauth2.v3.OAuth2Credentials': [
        {
          token_secret: {
            name: 'token',
          },
          hmac_secret: {
            name: '${TfToken[TOKEN.1]}',
          },
        },
      ],
    }),
  ).toEqual([
    "error secret-exists at CommonTlsContext[0].tls_certificate_sds_secret_configs[1].name: names the secret 'sever', and no tls_certificate of static_resources.secrets is called so; there are 'server' (did you mean 'server'?); add it, or an sds_config",
    "error secret-exists at CommonTlsContext[0].validation_context_sds_secret_config.name: names the secret 'server', and no validation_context of static_resources.secrets is called so; there are none; add it, or an sds_config",
    "error secret-exists at OAuth2Credentials[0].token_secret.name: names the secret 'token', and no generic_secret of static_resources.secrets is called so; there are none; add it, or an sds_config",
  ]);
});

test('OAuth needs its secret', () => {
  expect(
    runRule(oauthSecret, {
      'envoy.extensions.filters.http.oauth2.v3.OAuth2Config': [
        {
          credentials: {},
        },
        {
          credentials: {},
          auth_type: 'TLS_CLIENT_AUTH',
        },
        {
          credentials: {
            token_secret: {},
          },
        },
      ],
    }),
  ).toEqual([
    "error oauth-secret at OAuth2Config[0].credentials: has no token_secret; add it, or set auth_type to 'TLS_CLIENT_AUTH'",
  ]);
});
