import type { Refusal } from '../../fragments/fragment';
import { merge, type Part } from '../../fragments/merge';
import { celResponseFilter, extension, type HttpConnectionManager, type HttpFilter } from '../../messages/builders';
import { MALFORMED, MALFORMED_FILTER } from '../../messages/resource-names';
import type { envoy } from '../../messages/schema/types';

// Without `localReplies`, the filter's own words would speak of access.
const BAD_REQUEST = { status_code: 400, body: { inline_string: 'Bad Request' } };

type Policy = envoy.config.rbac.v3.Policy;
type Refusals = Readonly<Record<string, Refusal>>;

/** The filter that refuses all of these. One for all, since each filter costs every request some microseconds. */
export function malformedFilter(parts: readonly Part<Refusals>[]): HttpFilter {
  return refusalFilter(MALFORMED_FILTER, MALFORMED, parts);
}

/** A filter that refuses all of these, by its names. */
export function refusalFilter(filter: string, statPrefix: string, parts: readonly Part<Refusals>[]): HttpFilter {
  const policies = merge<Record<string, Policy>>(
    parts.flatMap(({ by, value }) =>
      Object.entries(value).map(([name, { permission }]) => ({
        by,
        value: { [name]: { permissions: [permission], principals: [{ any: true }] } },
      })),
    ),
  );
  return extension(filter, 'envoy.extensions.filters.http.rbac.v3.RBAC', {
    rules: { action: 'DENY', policies },
    rules_stat_prefix: statPrefix,
    track_per_rule_stats: true,
  });
}

/** What clients get instead of the filter's own 403, which would mean that it matters who asks. */
export function malformedReplies(refusals: Refusals): Partial<HttpConnectionManager> {
  const mappers = Object.entries(refusals).map(([name, { answer = BAD_REQUEST }]) => ({
    filter: celResponseFilter(`response.code_details == 'rbac_access_denied_matched_policy[${name}]'`),
    ...answer,
  }));
  return { local_reply_config: { mappers } };
}
