import type { Cluster } from './api';
import { type HttpsServer, httpsCluster } from './https-cluster';
import { isReference } from './references';
import type { envoy } from './schema/types';
import { port as checkedPort, type Duration, fail, positiveSeconds, refuseUnknown } from './values';

/** Public keys (JSON Web Key Set) that are fetched, or that stand here. */
export type JwksOptions = RemoteJwks | LocalJwks;

/**
 * Keys that Envoy fetches before it serves, and again and again, each time from a server whose certificate it has verified.
 * If they can't be had, it serves all the same, asks each second, and answers 503 to tokens until they are there: a deploy does
 * not fail because somebody else's server is down. Keys that it has stay good while that server is away.
 */
export interface RemoteJwks {
  /** Where they are, as an https URL; the provider's `/.well-known/openid-configuration` names it as `jwks_uri`. */
  readonly uri: string;
  /**
   * The authority of that server's certificate, as PEM.
   *
   * @default - those that the image trusts
   */
  readonly trustedCa?: string;
  /**
   * How long until they are fetched again. A new key is unknown for as long at the most, and one that was taken back
   * is known.
   *
   * @default '5m'
   */
  readonly cacheDuration?: Duration;
}

export interface LocalJwks {
  /** The key set itself, as JSON: `{"keys": [...]}`. Public keys alone. */
  readonly inline: string;
}

/** As long as there are no keys, each token asks for them: the server that is down must not be stormed by them. */
const FEW: NonNullable<Cluster['circuit_breakers']> = { thresholds: [{ max_connections: 4, max_pending_requests: 4 }] };

type Keys = Pick<envoy.extensions.filters.http.jwt_authn.v3.JwtProvider, 'remote_jwks' | 'local_jwks'> & {
  readonly cluster?: Cluster;
};

/** The keys in Envoy's words, with the cluster that they are fetched from. */
export function keysOf(name: string, at: string, options: Partial<RemoteJwks & LocalJwks>): Keys {
  const { uri, inline, trustedCa, cacheDuration = '5m', ...unknown } = options;
  refuseUnknown(at, unknown);
  if ((uri === undefined) === (inline === undefined)) {
    fail(at, 'must have either uri or inline', Object.keys(options), "write for example { uri: 'https://...' }");
  }
  if (uri === undefined) {
    return { local_jwks: { inline_string: publicKeys(`${at}.inline`, inline ?? '') } };
  }
  const server = serverOf(`${at}.uri`, uri);
  if (trustedCa !== undefined && !isReference(trustedCa) && !trustedCa.includes('-----BEGIN CERTIFICATE-----')) {
    fail(`${at}.trustedCa`, 'must be a certificate', '...', 'paste its PEM, from -----BEGIN CERTIFICATE----- on');
  }
  return {
    cluster: { ...httpsCluster(name, { ...server, trustedCa }), circuit_breakers: FEW },
    remote_jwks: {
      http_uri: { uri, cluster: name, timeout: '5s' },
      cache_duration: positiveSeconds(`${at}.cacheDuration`, cacheDuration),
      async_fetch: { fast_listener: false, failed_refetch_duration: '1s' },
      retry_policy: { num_retries: 1, retry_back_off: { base_interval: '0.1s', max_interval: '1s' } },
    },
  };
}

/** Only over TLS: whoever can change the keys on their way can make tokens. */
function serverOf(at: string, uri: string): HttpsServer {
  const [, host, port = '443'] = /^https:\/\/([A-Za-z0-9.-]+)(?::(\d{1,5}))?(?:\/[^\s#]*)?$/.exec(uri) ?? [];
  if (isReference(uri) || host === undefined) {
    fail(
      at,
      'must be an https URL, known when the stack is synthesized',
      uri,
      "write for example 'https://id.example.com/jwks'",
    );
  }
  return { host, port: checkedPort(at, Number(port)) };
}

/** The key set, if nothing in it is a secret. No key is shown. */
function publicKeys(at: string, text: string): string {
  if (isReference(text)) {
    return text;
  }
  for (const [index, key] of keysIn(text).entries()) {
    const { kty, d } = Object(key) as { readonly kty?: unknown; readonly d?: unknown };
    if (kty === 'oct' || d !== undefined) {
      const what = kty === 'oct' ? 'a shared secret (kty oct)' : 'a private key (with d)';
      fail(`${at} keys[${index}]`, 'must be a public key', what, "paste what the provider's jwks_uri answers");
    }
  }
  return text;
}

/** Whatever else is wrong with them is for the check. */
function keysIn(text: string): readonly unknown[] {
  try {
    const { keys } = Object(JSON.parse(text)) as { readonly keys?: unknown };
    return Array.isArray(keys) ? keys : [];
  } catch {
    return [];
  }
}
