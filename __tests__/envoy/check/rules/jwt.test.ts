import {
  jwks,
  jwtAudiences,
  jwtClaim,
  jwtPath,
  jwtProviderExists,
  jwtRequirementExists,
} from '../../../../envoy/check/rules/jwt';
import { runRule } from './run-rule';

test('requirements name providers of their own filter', () => {
  expect(
    runRule(jwtProviderExists, {
      'envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication': [
        {
          at: ['one'],
          providers: {
            google: {},
          },
        },
        {
          at: ['two'],
          providers: {
            other: {},
          },
        },
      ],
      'envoy.extensions.filters.http.jwt_authn.v3.JwtRequirement': [
        {
          at: ['one', 'rules', 0, 'requires'],
          provider_name: 'gogle',
        },
        {
          at: ['one', 'rules', 1, 'requires'],
          provider_name: 'google',
        },
        {
          at: ['two', 'rules', 0, 'requires'],
          provider_name: 'google',
        },
      ],
      'envoy.extensions.filters.http.jwt_authn.v3.ProviderWithAudiences': [
        {
          at: ['one', 'rules', 2],
          provider_name: 'x',
        },
        {
          at: ['one', 'rules', 3],
        },
      ],
    }),
  ).toEqual([
    "error jwt-provider-exists at one.rules[0].requires.provider_name: names the provider 'gogle', which is not there; the providers are 'google' (did you mean 'google'?)",
    "error jwt-provider-exists at one.rules[2].provider_name: names the provider 'x', which is not there; the providers are 'google'",
    "error jwt-provider-exists at one.rules[3].provider_name: names the provider '', which is not there; the providers are 'google'",
    "error jwt-provider-exists at two.rules[0].requires.provider_name: names the provider 'google', which is not there; the providers are 'other'",
  ]);
});

test('a claim is named in one of two ways', () => {
  const claims = [
    { claim_name: 'a' },
    { claim_path: [{}] },
    {},
    { claim_name: '' },
    { claim_name: 'a', claim_path: [{}] },
  ];
  expect(runRule(jwtClaim, { 'envoy.extensions.filters.http.jwt_authn.v3.JwtClaimToHeader': claims }, '1.40')).toEqual(
    [2, 3, 4].map(
      (place) => `error jwt-claim at JwtClaimToHeader[${place}]: needs one of claim_name and claim_path, and not both`,
    ),
  );
});

test('requirements by name are in the map', () => {
  expect(
    runRule(jwtRequirementExists, {
      'envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication': [
        {
          requirement_map: {
            all: {},
          },
          rules: [
            {
              requirement_name: 'al',
            },
            {
              requirement_name: 'all',
            },
          ],
        },
      ],
      'envoy.extensions.filters.http.jwt_authn.v3.PerRouteConfig': [
        {
          requirement_name: 'none',
        },
        {
          disabled: true,
        },
      ],
    }),
  ).toEqual([
    "error jwt-requirement-exists at JwtAuthentication[0].rules[0].requirement_name: names the requirement 'al', which is not there; requirement_map has 'all' (did you mean 'all'?)",
    "warning jwt-requirement-exists at PerRouteConfig[0].requirement_name: names the requirement 'none', which is not there; requirement_map has 'all'",
  ]);
});

test('a key set is a JSON object with keys', () => {
  expect(
    runRule(jwks, {
      'envoy.extensions.filters.http.jwt_authn.v3.JwtProvider': [
        {
          local_jwks: {
            inline_string: 'x',
          },
        },
        {
          local_jwks: {
            inline_string: '[]',
          },
        },
        {
          local_jwks: {
            inline_string: '{}',
          },
        },
        {
          local_jwks: {
            inline_string: '{"keys":3}',
          },
        },
        {
          local_jwks: {
            inline_string: '{"keys":[]}',
          },
        },
        {
          local_jwks: {
            inline_string: '-----BEGIN PUBLIC KEY-----',
          },
        },
        {
          local_jwks: {
            inline_string: '',
          },
        },
        {
          local_jwks: {
            inline_string: '${TfToken[TOKEN.1]}',
          },
        },
      ],
    }),
  ).toEqual([
    'error jwks at JwtProvider[0].local_jwks.inline_string: is no JSON; write the key set as your identity provider publishes it: {"keys": [...]}',
    'error jwks at JwtProvider[1].local_jwks.inline_string: is no JSON object; write the key set as your identity provider publishes it: {"keys": [...]}',
    'error jwks at JwtProvider[2].local_jwks.inline_string: has no \'keys\'; write the key set as your identity provider publishes it: {"keys": [...]}',
    'error jwks at JwtProvider[3].local_jwks.inline_string: has \'keys\' that are no list; write the key set as your identity provider publishes it: {"keys": [...]}',
    'error jwks at JwtProvider[4].local_jwks.inline_string: has no key; write the key set as your identity provider publishes it: {"keys": [...]}',
    'error jwks at JwtProvider[5].local_jwks.inline_string: is PEM, and Envoy reads JSON here; write the key set as your identity provider publishes it: {"keys": [...]}',
  ]);
});

test('a set without one good key is refused', () => {
  expect(
    runRule(jwks, {
      'envoy.extensions.filters.http.jwt_authn.v3.JwtProvider': [
        {
          audiences: ['a'],
          local_jwks: {
            inline_string: '{"keys":[{"kty":"oct","k":"%%%"}]}',
          },
        },
      ],
    }),
  ).toEqual([
    'error jwks at JwtProvider[0].local_jwks.inline_string: has no key that Envoy can use: the first has an \'k\' that is no base64url; write the key set as your identity provider publishes it: {"keys": [...]}',
  ]);
});

test('a bad key beside a good one is skipped', () => {
  expect(
    runRule(jwks, {
      'envoy.extensions.filters.http.jwt_authn.v3.JwtProvider': [
        {
          audiences: ['a'],
          local_jwks: {
            inline_string:
              '{"keys":[{"kty":"oct","k":"c2VjcmV0","alg":"HS256"},{"kty":"xx"},{},{"kty":"RSA","e":"AQAB"},{"kty":"oct","k":"c2Vj","alg":"RS256"},{"kty":"EC","x":"AA","y":"AA","crv":"P-1"},{"kty":"EC","x":"AA","y":"AA","crv":"P-256","alg":"ES384"},{"kty":"OKP","crv":"X25519","x":"AA"},{"kty":"OKP","crv":"Ed25519","x":"AA"},{"kty":"RSA","n":"AQAB","e":"AQAB"}]}',
          },
        },
      ],
    }),
  ).toEqual([
    "warning jwks at JwtProvider[0].local_jwks.inline_string: has a key that Envoy skips: number 2 has the kty \"xx\", not one of 'RSA', 'EC', 'oct', 'OKP'; mend or remove it",
    "warning jwks at JwtProvider[0].local_jwks.inline_string: has a key that Envoy skips: number 3 has no 'kty'; mend or remove it",
    "warning jwks at JwtProvider[0].local_jwks.inline_string: has a key that Envoy skips: number 4 has no 'n'; mend or remove it",
    "warning jwks at JwtProvider[0].local_jwks.inline_string: has a key that Envoy skips: number 5 has the alg 'RS256', which does not go with the kty 'oct'; mend or remove it",
    "warning jwks at JwtProvider[0].local_jwks.inline_string: has a key that Envoy skips: number 6 has the crv 'P-1', not one of 'P-256', 'P-384', 'P-521'; mend or remove it",
    "warning jwks at JwtProvider[0].local_jwks.inline_string: has a key that Envoy skips: number 7 has the alg 'ES384', and its crv 'P-256' goes with 'ES256'; mend or remove it",
    'warning jwks at JwtProvider[0].local_jwks.inline_string: has a key that Envoy skips: number 8 has the crv "X25519", not \'Ed25519\'; mend or remove it',
    "warning jwks at JwtProvider[0].local_jwks.inline_string: has a key that Envoy skips: number 9 has an 'x' that is not of 32 bytes; mend or remove it",
    "warning jwks at JwtProvider[0].local_jwks.inline_string: has a key that Envoy skips: number 10 has an 'n' of less than 512 bits; mend or remove it",
  ]);
});

test('a provider says whom its tokens are for', () => {
  expect(
    runRule(jwtAudiences, {
      'envoy.extensions.filters.http.jwt_authn.v3.JwtProvider': [
        {},
        {
          audiences: [],
        },
        {
          audiences: ['api'],
        },
      ],
    }),
  ).toEqual([
    'warning jwt-audiences at JwtProvider[0]: has no audiences, so it accepts tokens that its issuer made for other services; list those meant for this one',
    'warning jwt-audiences at JwtProvider[1]: has no audiences, so it accepts tokens that its issuer made for other services; list those meant for this one',
  ]);
});

const says = (place: string) =>
  `warning jwt-path at ${place}: is for paths as clients write them: '/open/../closed' and '/open/..%2Fclosed' are below '/open', '//closed' is not '/closed'; set normalize_path, merge_slashes and path_with_escaped_slashes_action`;

test('tokens are needed by path where paths are normalized', () => {
  const types = (manager: object) => ({
    'envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager': [
      {
        at: ['hcm'],
        http_filters: [
          {
            name: 'mine',
            typed_config: {
              '@type': 'type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication',
            },
          },
          {
            name: 'other',
            typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.cors.v3.Cors' },
          },
        ],
        ...manager,
      },
      { at: ['elsewhere'] },
    ],
    'envoy.config.route.v3.Route': [
      { at: ['hcm', 0], match: { path: '/open' }, typed_per_filter_config: { mine: {} } },
      { at: ['hcm', 1], match: { prefix: '/open' }, typed_per_filter_config: { mine: {}, other: {} } },
      { at: ['hcm', 2], match: { path_separated_prefix: '/open' }, typed_per_filter_config: { mine: {} } },
      { at: ['hcm', 3], match: { safe_regex: { regex: '/.*' } }, typed_per_filter_config: { mine: {} } },
      { at: ['hcm', 4], match: { prefix: '/open' }, typed_per_filter_config: { other: {} } },
      { at: ['hcm', 5], match: { prefix: '/' }, typed_per_filter_config: { mine: {} } },
      { at: ['elsewhere', 0], match: { prefix: '/open' }, typed_per_filter_config: { mine: {} } },
    ],
    'envoy.extensions.filters.http.jwt_authn.v3.RequirementRule': [
      { at: ['hcm', 'rule', 0], match: { prefix: '/closed' } },
      { at: ['hcm', 'rule', 1], match: { prefix: '' } },
    ],
  });
  const all = [
    says('hcm[1].typed_per_filter_config.mine'),
    says('hcm[2].typed_per_filter_config.mine'),
    says('hcm[3].typed_per_filter_config.mine'),
    says('hcm.rule[0].match'),
  ];
  expect(runRule(jwtPath, types({}))).toEqual(all);
  const normalized = { normalize_path: true, merge_slashes: true, path_with_escaped_slashes_action: 'REJECT_REQUEST' };
  expect(runRule(jwtPath, types(normalized))).toEqual([]);
  expect(runRule(jwtPath, types({ ...normalized, path_with_escaped_slashes_action: 3 }))).toEqual([]);
  for (const lack of [
    { normalize_path: false },
    { merge_slashes: undefined },
    { path_with_escaped_slashes_action: 'KEEP_UNCHANGED' },
    { path_with_escaped_slashes_action: 0 },
    { path_with_escaped_slashes_action: undefined },
  ]) {
    expect(runRule(jwtPath, types({ ...normalized, ...lack }))).toEqual(all);
  }
});
