import type { JwksOptions } from '../../../envoy';
import { keysOf } from '../../../envoy/features/jwt/jwks';
import { TLS_AS_CLIENT } from './tls-as-client';

const keys = (options: JwksOptions) => keysOf('jwks_main', 'jwks', options);
const uri = 'https://id.example.com/keys';

function tls(authority: object, sni: object, name: object) {
  return {
    name: 'envoy.transport_sockets.tls',
    typed_config: {
      '@type': 'type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext',
      ...sni,
      common_tls_context: {
        tls_params: TLS_AS_CLIENT,
        validation_context: { trusted_ca: authority, match_typed_subject_alt_names: [name] },
      },
    },
  };
}

const placed = (address: string, port: number) => ({
  cluster_name: 'jwks_main',
  endpoints: [{ lb_endpoints: [{ endpoint: { address: { socket_address: { address, port_value: port } } } }] }],
});

test('keys are fetched before Envoy serves, from a verified server, and never by many at once', () => {
  expect(keys({ uri })).toEqual({
    remote_jwks: {
      http_uri: { uri, cluster: 'jwks_main', timeout: '5s' },
      cache_duration: '300s',
      async_fetch: { fast_listener: false, failed_refetch_duration: '1s' },
      retry_policy: { num_retries: 1, retry_back_off: { base_interval: '0.1s', max_interval: '5s' } },
    },
    onUnknownKey: {
      remote_jwks: { http_uri: { uri, cluster: 'jwks_main', timeout: '5s' }, cache_duration: '10s' },
    },
    cluster: {
      name: 'jwks_main',
      connect_timeout: '3s',
      cluster_type: {
        name: 'envoy.cluster.dns',
        typed_config: {
          '@type': 'type.googleapis.com/envoy.extensions.clusters.dns.v3.DnsCluster',
          dns_lookup_family: 'V4_PREFERRED',
          respect_dns_ttl: true,
          dns_failure_refresh_rate: { base_interval: '1s', max_interval: '5s' },
          all_addresses_in_single_endpoint: true,
        },
      },
      load_assignment: placed('id.example.com', 443),
      transport_socket: tls(
        { filename: '/etc/ssl/certs/ca-certificates.crt' },
        { sni: 'id.example.com' },
        { san_type: 'DNS', matcher: { exact: 'id.example.com' } },
      ),
      circuit_breakers: { thresholds: [{ max_connections: 16, max_pending_requests: 64 }] },
    },
  });
});

test('an address and an authority of its own', () => {
  const trustedCa = '-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n';
  const { cluster } = keys({ uri: 'https://10.0.0.5:8443', trustedCa });
  expect(cluster).toMatchObject({ type: 'STATIC', load_assignment: placed('10.0.0.5', 8443) });
  expect(cluster?.transport_socket).toEqual(
    tls({ inline_string: trustedCa }, {}, { san_type: 'IP_ADDRESS', matcher: { exact: '10.0.0.5' } }),
  );
});

test.each([
  ['1h', '3600s', '10s'],
  ['4s', '4s', '4s'],
  // Envoy counts whole seconds, and would fetch without a pause.
  ['500ms', '1s', '1s'],
] as const)('keys are kept for %s, and those for tokens of unknown keys for 10 s at the most', (given, kept, asked) => {
  const { remote_jwks, onUnknownKey } = keys({ uri, cacheDuration: given });
  expect(remote_jwks?.cache_duration).toBe(kept);
  expect(onUnknownKey?.remote_jwks?.cache_duration).toBe(asked);
});

test('a time limit is also that of one try', () => {
  expect(keys({ uri, timeout: '250ms' }).remote_jwks).toMatchObject({
    http_uri: { timeout: '0.25s' },
    retry_policy: { retry_back_off: { base_interval: '0.1s', max_interval: '0.25s' } },
  });
});

test('keys may be known to Terraform alone', () => {
  expect(keys({ inline: '${TfToken[TOKEN.1]}' })).toEqual({ local_jwks: { inline_string: '${TfToken[TOKEN.1]}' } });
  expect(keys({ uri, trustedCa: '${TfToken[TOKEN.2]}' }).cluster).toMatchObject({
    transport_socket: {
      typed_config: {
        common_tls_context: { validation_context: { trusted_ca: { inline_string: '${TfToken[TOKEN.2]}' } } },
      },
    },
  });
});

const url = 'must be an https URL, known when the stack is synthesized';
const example = "write for example 'https://id.example.com/jwks'";
const publicKey = "paste what the provider's jwks_uri answers";
test.each<[object, string]>([
  [{}, `jwks must have either uri or inline, got []; write for example { uri: 'https://...' }`],
  [
    { uri, inline: '{}' },
    `jwks must have either uri or inline, got ["uri","inline"]; write for example { uri: 'https://...' }`,
  ],
  ...[
    'http://id.example.com/keys',
    'http://127.0.0.1/keys',
    'id.example.com/keys',
    'https://',
    'https://user:pass@id.example.com/',
    'https://id.example.com/a b',
    'https://id.example.com#a',
    'https://id_1.example.com.evil/../@/ ',
  ].map((bad): [object, string] => [{ uri: bad }, `jwks.uri ${url}, got ${JSON.stringify(bad)}; ${example}`]),
  ...['${TfToken[TOKEN.1]}', 'https://${TfToken[TOKEN.1]}/keys'].map((token): [object, string] => [
    { uri: token },
    `jwks.uri ${url}, got "${token}" (known only to Terraform when it applies); ${example}`,
  ]),
  [
    { uri: 'https://id.example.com:0/' },
    'jwks.uri must be a whole number from 1 to 65535, got 0; write it as a literal number in that range',
  ],
  [
    { uri, trustedCa: '/etc/ca.pem' },
    `jwks.trustedCa must be a certificate, got "..."; paste its PEM, from -----BEGIN CERTIFICATE----- on`,
  ],
  ...(['0s', '99ms', '61s'] as const).map((timeout): [object, string] => [
    { uri, timeout },
    `jwks.timeout must be from 100ms to 60s, got "${timeout}"; write for example '5s'`,
  ]),
  [{ uri, cacheDuration: '0s' }, `jwks.cacheDuration must be longer than zero, got "0s"; write for example '1s'`],
  [
    { inline: '{"keys":[{"kty":"OKP"},{"kty":"oct","k":"c2VjcmV0"}]}' },
    `jwks.inline keys[1] must be a public key, got "a shared secret (kty oct)"; ${publicKey}`,
  ],
  [
    { inline: '{"keys":[{"kty":"EC","d":"c2VjcmV0"}]}' },
    `jwks.inline keys[0] must be a public key, got "a private key (with d)"; ${publicKey}`,
  ],
  [{ url: uri }, `jwks.url is not an option, got "${uri}"; remove it`],
])('refuses %j', (options, message) => {
  expect(() => keys(options as JwksOptions)).toThrow(new Error(message));
});

test.each(['', 'no JSON', 'null', '[]', '{"keys":1}', '{"keys":[null,1,"a"]}'])('leaves %j to the check', (inline) => {
  expect(keys({ inline })).toEqual({ local_jwks: { inline_string: inline } });
});
