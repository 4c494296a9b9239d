import fc from 'fast-check';
import type { Duration, JwtProvider } from '../../envoy';
import { duration } from '../arbitraries';
import { example, upstream } from '../examples';

const PUBLIC_KEYS = JSON.stringify({
  keys: [
    {
      kty: 'EC',
      crv: 'P-256',
      kid: '1',
      x: 'MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4',
      y: '4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM',
    },
  ],
});

const KEY = '{"kty":"OKP","crv":"Ed25519","kid":"1","alg":"EdDSA","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}';
const provider = (issuer: string): fc.Arbitrary<JwtProvider> =>
  fc.record(
    {
      issuer: fc.constant(issuer),
      audiences: fc.constantFrom<[string, ...string[]]>(['api'], ['https://a.example/', 'b']),
      jwks: fc.oneof(
        fc.constantFrom({ inline: `{"keys":[${KEY}]}` }, { inline: `{"keys":[${KEY},{"kty":"EC"}]}` }),
        fc.record({
          uri: fc.constantFrom('https://id.example.com', 'https://10.0.0.5:8443/keys?a=b', 'https://localhost/'),
          cacheDuration: duration(1),
          timeout: fc.constantFrom<Duration>('100ms', '5s', '1m'),
        }),
      ),
      clockSkew: duration(1),
      requireExpiration: fc.boolean(),
      claimToHeaders: fc.constantFrom({}, { 'x-user': 'sub', tenant: 'org.id' }),
      fromHeaders: fc.constantFrom([], [{ name: 'x-token' }], [{ name: 'authorization', valuePrefix: 'Token ' }]),
      fromParams: fc.constantFrom([], ['token']),
      fromCookies: fc.constantFrom([], ['token']),
      forward: fc.boolean(),
      forwardPayloadHeader: fc.constantFrom('x-claims', 'claims'),
    },
    { requiredKeys: ['issuer', 'audiences', 'jwks'] },
  );

export default example('jwt', {
  every: {
    providers: {
      staff: {
        issuer: 'https://id.example.com/',
        audiences: ['https://api.example.com'],
        jwks: { uri: 'https://id.example.com/.well-known/jwks.json', cacheDuration: '10m', timeout: '10s' },
        clockSkew: '10s',
        requireExpiration: false,
        claimToHeaders: { 'x-user': 'sub', 'x-tenant': 'org.id' },
        fromHeaders: [{ name: 'x-token' }],
        fromParams: ['token'],
        fromCookies: ['token'],
        forward: true,
        forwardPayloadHeader: 'x-claims',
      },
      devices: { issuer: 'devices', audiences: ['api', 'gateway'], jwks: { inline: PUBLIC_KEYS } },
    },
    requiresAny: ['staff', 'devices'],
    token: 'optional',
  },
  drawn: {
    providers: fc.record({ main: provider('https://id.example.com/'), 'b-2_c': provider('someone') }),
    requiresAny: fc.uniqueArray(fc.constantFrom('main', 'b-2_c'), { minLength: 1 }),
    token: fc.constantFrom('required', 'optional', 'ignored'),
  },
  goldens: {
    // Tokens for all, none for the health check, and those of one provider alone for one path.
    tokens: {
      upstream,
      jwt: {
        providers: {
          main: {
            issuer: 'https://id.example.com/',
            audiences: ['calculator'],
            jwks: { uri: 'https://id.example.com/.well-known/jwks.json' },
            claimToHeaders: { 'x-user': 'sub' },
          },
          staff: {
            issuer: 'https://staff.example.com/',
            audiences: ['calculator'],
            jwks: { uri: 'https://staff.example.com:8443/keys' },
          },
        },
      },
      routes: [
        { path: '/health', jwt: false },
        { path: '/greet', jwt: { token: 'optional' } },
        { path: '/admin', jwt: { requiresAny: ['staff'] } },
      ],
    },
  },
});
