import type { Cluster } from '../../messages/builders';
import type { envoy } from '../../messages/schema/types';
import { isReference } from '../../options/terraform-tokens';
import { port as checkedPort, type Duration, milliseconds, positiveWholeSeconds, seconds } from '../../options/units';
import { invalidOption, refuseUnknown } from '../../options/validate';
import { type HttpsServer, httpsCluster } from './https-cluster';

/** Public keys (JSON Web Key Set) that are fetched, or that stand here. */
export type JwksOptions = RemoteJwks | LocalJwks;

/**
 * Keys that Envoy fetches before it serves, and again and again, each time from a server whose certificate it has verified.
 * If they can't be had, it serves all the same, asks each second, and answers 503 to tokens until they are there: a deploy does
 * not fail because somebody else's server is down. Keys that it has stay good while that server is away; tokens of other keys get
 * 503 then.
 */
export interface RemoteJwks {
  /**
   * Where they are, as an https URL; the provider's `/.well-known/openid-configuration` names it as `jwks_uri`. Envoy follows no
   * redirect: write the address that it ends at. A provider that redirects counts in `cluster.jwks_<name>.upstream_rq_3xx`.
   */
  readonly uri: string;
  /**
   * The authority of that server's certificate, as PEM.
   *
   * @default - those that the image trusts
   */
  readonly trustedCa?: string;
  /**
   * Time between two fetches, in whole seconds, at least one. A key that the provider has withdrawn stays valid for that long at
   * the most. A token of a key that Envoy doesn't know makes it fetch at once; then it waits 10 s, or this time if it is shorter,
   * before such a token makes the same worker thread fetch again.
   *
   * @default '5m'
   */
  readonly cacheDuration?: Duration;
  /**
   * Time limit of one fetch, its one retry included; from 100 ms to 60 s. Envoy starts to serve after the first fetch, so a
   * provider that doesn't answer delays the start for that long. While there are no keys, each request with a token waits for a
   * fetch.
   *
   * @default '5s', since providers that have just started need seconds, and clients wait that long for a first answer
   */
  readonly timeout?: Duration;
}

export interface LocalJwks {
  /** The key set itself, as JSON: `{"keys": [...]}`. Public keys alone. */
  readonly inline: string;
}

/**
 * Each token without a key makes its worker thread fetch, also while a fetch is under way: a provider that is down must not be
 * stormed by them. But all of some fifty clients that come with a new key at once must find a place.
 */
const FEW: NonNullable<Cluster['circuit_breakers']> = {
  thresholds: [{ max_connections: 16, max_pending_requests: 64 }],
};

type KeySource = Pick<envoy.extensions.filters.http.jwt_authn.v3.JwtProvider, 'remote_jwks' | 'local_jwks'>;

type Keys = KeySource & {
  /** For tokens that these keys don't verify: the same again, fetched by a worker thread when such a token comes. */
  readonly onUnknownKey?: KeySource;
  readonly cluster?: Cluster;
};

/** Seconds between two fetches for tokens of unknown keys. Anybody can send such a token, so they must not reach the provider. */
const UNKNOWN_KEY_SECONDS = 10;

/** The keys in Envoy's words, with the cluster that they are fetched from. */
export function keysOf(name: string, at: string, options: Partial<RemoteJwks & LocalJwks>): Keys {
  const { uri, inline, trustedCa, cacheDuration = '5m', timeout = '5s', ...unknown } = options;
  refuseUnknown(at, unknown);
  if ((uri === undefined) === (inline === undefined)) {
    invalidOption(
      at,
      'must have either uri or inline',
      Object.keys(options),
      "write for example { uri: 'https://...' }",
    );
  }
  if (uri === undefined) {
    return { local_jwks: { inline_string: publicKeys(`${at}.inline`, inline ?? '') } };
  }
  const server = serverOf(`${at}.uri`, uri);
  if (trustedCa !== undefined && !isReference(trustedCa) && !trustedCa.includes('-----BEGIN CERTIFICATE-----')) {
    invalidOption(
      `${at}.trustedCa`,
      'must be a certificate',
      '...',
      'paste its PEM, from -----BEGIN CERTIFICATE----- on',
    );
  }
  const limit = timeLimit(`${at}.timeout`, timeout);
  const age = positiveWholeSeconds(`${at}.cacheDuration`, cacheDuration, '1s');
  const http_uri = { uri, cluster: name, timeout: limit };
  // Envoy takes the longest pause between two tries for the time limit of each try as well.
  const backOff = { base_interval: '0.1s', max_interval: limit } as const;
  return {
    cluster: { ...httpsCluster(name, { ...server, trustedCa }), circuit_breakers: FEW },
    remote_jwks: {
      http_uri,
      cache_duration: `${age}s`,
      async_fetch: { fast_listener: false, failed_refetch_duration: '1s' },
      retry_policy: { num_retries: 1, retry_back_off: backOff },
    },
    // Without async_fetch, Envoy fetches them for the first token that needs them, and keeps them for each worker thread.
    onUnknownKey: { remote_jwks: { http_uri, cache_duration: `${Math.min(age, UNKNOWN_KEY_SECONDS)}s` } },
  };
}

/** The start of Envoy waits for it, so it has an end. The pause before the retry fits into the least. */
function timeLimit(at: string, value: Duration): `${number}s` {
  const count = milliseconds(at, value);
  return count >= 100 && count <= 60_000
    ? seconds(at, value)
    : invalidOption(at, 'must be from 100ms to 60s', value, "write for example '5s'");
}

/** Only over TLS: whoever can change the keys on their way can make tokens. */
function serverOf(at: string, uri: string): HttpsServer {
  const [, host, port = '443'] = /^https:\/\/([A-Za-z0-9.-]+)(?::(\d{1,5}))?(?:\/[^\s#]*)?$/.exec(uri) ?? [];
  if (isReference(uri) || host === undefined) {
    invalidOption(
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
      invalidOption(`${at} keys[${index}]`, 'must be a public key', what, "paste what the provider's jwks_uri answers");
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
