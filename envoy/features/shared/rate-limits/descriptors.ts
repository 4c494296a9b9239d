import type { Requirement } from '../../../fragments/fragment';
import { extension } from '../../../messages/builders';
import { API_CLIENT_HEADER, JWT_CLAIMS, JWT_FILTER, USER_HEADER } from '../../../messages/resource-names';
import type { envoy } from '../../../messages/schema/types';
import { type Bucket, parseRate, type Rate } from '../../../options/rate';
import { invalidOption } from '../../../options/validate';
import { requiresApiKeys, requiresBasicAuth, requiresJwt } from '../requirements';

type Action = envoy.config.route.v3.RateLimit.Action;

/** A claim of a token. A dot leads into one that is an object; a list does for names that have dots themselves. */
export type Claim = string | readonly [string, ...string[]];

/** The longest value with a counter of its own, in bytes. */
export const LONGEST_VALUE = 256;

/** What of a request is counted: the actions that find it, and the keys that Envoy gives to what they find. */
export interface Counted {
  readonly keys: readonly string[];
  readonly actions: readonly Action[];
}

/** The client's address; for IPv6 the network of 64 bits, since each client has one to choose addresses from. */
export const clientAddressDescriptor: Counted = {
  keys: ['masked_remote_address'],
  actions: [{ masked_remote_address: { v4_prefix_mask_len: 32, v6_prefix_mask_len: 64 } }],
};

/**
 * A header's value, and nothing for all requests that have none or a longer one: Envoy keeps each value, also of those that
 * it refuses, so long ones would fill its memory. Its regular expressions are too small to tell.
 */
export function byHeader(key: string, name: string): Counted {
  const value = `request.headers["${name}"]`;
  return byText(key, `"${name}" in request.headers && ${isShort(value)} ? ${value} : ""`);
}

/** In bytes: of 256 characters, each can take four. */
const isShort = (value: string) => `size(bytes(${value})) <= ${LONGEST_VALUE}`;

function byText(key: string, text: string): Counted {
  const kept = extension(
    'envoy.rate_limit_descriptors.expr',
    'envoy.extensions.rate_limit_descriptors.expr.v3.Descriptor',
    { descriptor_key: key, text },
  );
  return { keys: [key], actions: [{ extension: kept }] };
}

/**
 * A claim of a verified token, with its issuer, as two issuers may say the same of two. What has none, one that is no text or
 * one that is too long counts as one: without a default Envoy would not count it at all. The action `metadata` would keep
 * values of any length.
 */
function byClaim(at: string, claim: Claim): Counted {
  const path = typeof claim === 'string' ? claim.split('.') : claim;
  if (path.length === 0 || path.some((segment) => segment.trim() === '')) {
    invalidOption(at, 'must be the name of a claim', claim, "write for example 'sub'");
  }
  const issuer = {
    metadata: {
      descriptor_key: 'issuer',
      metadata_key: { key: JWT_FILTER, path: [JWT_CLAIMS, 'iss'].map((segment) => ({ key: segment })) },
      default_value: 'none',
    },
  };
  const claimed = byText('claim', claimText(path));
  return { keys: ['issuer', ...claimed.keys], actions: [issuer, ...claimed.actions] };
}

/** Each step is looked at before it is taken: Envoy leaves out what it can't work out, and then counts nothing. */
function claimText(path: readonly string[]): string {
  const [filter, ...keys] = [JWT_FILTER, JWT_CLAIMS, ...path].map((key) => JSON.stringify(key));
  const steps = [`${filter} in metadata.filter_metadata`];
  let value = `metadata.filter_metadata[${filter}]`;
  for (const [depth, key] of keys.entries()) {
    steps.push(...(depth > 1 ? [`type(${value}) == map`] : []), `${key} in ${value}`);
    value += `[${key}]`;
  }
  return `${[...steps, `type(${value}) == string`, isShort(value)].join(' && ')} ? ${value} : ""`;
}

/** Rates for each who has shown who it is. */
export interface IdentityRates {
  readonly perClaim?: { readonly claim: Claim; readonly rate: Rate } | undefined;
  readonly perApiClient?: Rate | undefined;
  readonly perUser?: Rate | undefined;
}

/** What these rates count. `at` is the option that they stand in. */
export function byIdentity(at: string, { perClaim, perApiClient, perUser }: IdentityRates) {
  const all: (Identity & { readonly bucket: Bucket })[] = [];
  if (perClaim !== undefined) {
    const of = parseRate(`${at}.perClaim.rate`, perClaim.rate);
    const shown = `"${JWT_FILTER}" in metadata.filter_metadata`;
    all.push({ counted: byClaim(`${at}.perClaim.claim`, perClaim.claim), shown, bucket: of });
  }
  if (perApiClient !== undefined) {
    all.push({ ...byName('api_client', API_CLIENT_HEADER), bucket: parseRate(`${at}.perApiClient`, perApiClient) });
  }
  if (perUser !== undefined) {
    all.push({ ...byName('user', USER_HEADER), bucket: parseRate(`${at}.perUser`, perUser) });
  }
  return all.map((one) => ({
    ...among(
      one,
      all.filter((other) => other !== one),
    ),
    bucket: one.bucket,
  }));
}

/** What of a request is counted, and the expression of whether it shows that. */
interface Identity {
  readonly counted: Counted;
  readonly shown: string;
}

const byName = (key: string, header: string): Identity => ({
  counted: byHeader(key, header),
  shown: `"${header}" in request.headers`,
});

/**
 * Who shows one of several kinds counts by that alone, and not as one with all who do not show another. Envoy leaves out what it
 * can't work out, as this value of an empty map. Last, since a service that counts tells limits apart by their first keys.
 */
function among({ counted, shown }: Identity, others: readonly Identity[]): Counted {
  if (others.length === 0) {
    return counted;
  }
  const another = others.map((other) => other.shown).join(' || ');
  const { keys, actions } = byText('identity', `${shown} || !(${another}) ? "counts" : {}["never"]`);
  return { keys: [...counted.keys, ...keys], actions: [...counted.actions, ...actions] };
}

/** Who has to find out whom these rates count. `at` is the option that they stand in. */
export function identityRequirements(at: string, { perClaim, perApiClient, perUser }: IdentityRates): Requirement[] {
  return [
    ...(perClaim === undefined ? [] : [requiresJwt(`${at}.perClaim`)]),
    ...(perApiClient === undefined ? [] : [requiresApiKeys(`${at}.perApiClient`)]),
    ...(perUser === undefined ? [] : [requiresBasicAuth(`${at}.perUser`)]),
  ];
}

/** The headers that these rates believe: where nothing sets them, whoever sends them could be anybody each time. */
export function believedHeaders({ perApiClient, perUser }: IdentityRates): string[] {
  return [...(perApiClient !== undefined ? [API_CLIENT_HEADER] : []), ...(perUser !== undefined ? [USER_HEADER] : [])];
}
