import { type Bucket, parseRate, type Rate } from '../../options/rate';
import { headerName, invalidOption, refuseUnknown } from '../../options/validate';
import {
  byHeader,
  byIdentity,
  type Counted,
  clientAddressDescriptor,
  type IdentityRates,
} from '../shared/rate-limits/descriptors';
import { boundsNothing } from '../shared/rate-limits/token-bucket';

/** Rates that a service counts, for several Envoys together. */
export interface GlobalRates extends IdentityRates {
  readonly total?: Rate;
  readonly perClient?: Rate;
  readonly perHeader?: { readonly name: string; readonly rate: Rate };
}

/** What is counted, and how many may come. */
export type GlobalLimit = Counted & { readonly bucket: Bucket };

const ALL: Counted = {
  keys: ['all'],
  actions: [{ generic_key: { descriptor_key: 'all', descriptor_value: 'all' } }],
};

/** The limits that these options ask for. Envoy and the service have to read them alike: what the service doesn't know, it lets pass. */
export function globalLimits(at: string, rates: GlobalRates): GlobalLimit[] {
  const { total, perClient, perHeader, perClaim, perApiClient, perUser, ...unknown } = rates;
  refuseUnknown(at, unknown);
  const ofAll = total === undefined ? [] : [{ ...ALL, bucket: parseRate(`${at}.total`, total) }];
  const ofClient =
    perClient === undefined ? [] : [{ ...clientAddressDescriptor, bucket: parseRate(`${at}.perClient`, perClient) }];
  const ofHeader =
    perHeader === undefined
      ? []
      : [
          {
            ...byHeader('header', headerName(`${at}.perHeader.name`, perHeader.name)),
            bucket: parseRate(`${at}.perHeader.rate`, perHeader.rate),
          },
        ];
  const ofIdentity = byIdentity(at, { perClaim, perApiClient, perUser });
  const bounding = [...ofAll, ...ofClient, ...ofIdentity];
  if (ofHeader.length > 0 && bounding.length === 0) {
    invalidOption(
      `${at}.perHeader`,
      'must not stand alone: a new value is a new count',
      perHeader,
      'give total or perClient',
    );
  }
  const limits = [...bounding, ...ofHeader];
  if (limits.length === 0) {
    invalidOption(at, 'must have a rate', rates, "write for example { total: '1000/s', perClient: '100/min' }");
  }
  for (const limit of limits.slice(1)) {
    if (ofAll[0] && boundsNothing(limit.bucket, ofAll[0].bucket)) {
      invalidOption(
        at,
        `must have lower rates than total ('${total}'), or they bound nothing`,
        rates,
        'lower them or leave total out',
      );
    }
  }
  return limits;
}

const UNITS: Readonly<Record<number, string>> = { 1: 'second', 60: 'minute', 3600: 'hour', 86400: 'day' };

interface Descriptor {
  readonly key: string;
  readonly rate_limit?: { readonly unit: string | undefined; readonly requests_per_unit: number };
  readonly descriptors?: readonly Descriptor[];
}

/**
 * The configuration of `envoyproxy/ratelimit` for these limits. A key without a value has a count for each that comes.
 *
 * @see https://github.com/envoyproxy/ratelimit#configuration
 */
export function serviceConfig(domain: string, limits: readonly GlobalLimit[]): object {
  return { domain, descriptors: limits.map(({ keys, bucket }) => descriptor(keys, bucket)) };
}

function descriptor([key = '', ...more]: readonly string[], { tokens, seconds }: Bucket): Descriptor {
  return more.length > 0
    ? { key, descriptors: [descriptor(more, { tokens, seconds })] }
    : { key, rate_limit: { unit: UNITS[seconds], requests_per_unit: tokens } };
}
