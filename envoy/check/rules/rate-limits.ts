import { error, hasField, warning } from '../message-reader';
import type { Rule } from '../rule';

/** A local rate limit counts and enforces nothing until both are said. */
export const rateLimitOff: Rule = (messages) =>
  messages('envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit').flatMap((limit) => {
    const missing = ['filter_enabled', 'filter_enforced'].filter((field) => !hasField(limit, field));
    return missing.length === 0
      ? []
      : [
          warning(
            'rate-limit-off',
            limit,
            `limits nothing, since ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} not set, which means 0 %; set a default_value of 100 %`,
          ),
        ];
  });

/** What an expression finds in a request is counted, so there has to be one. */
export const descriptorExpression: Rule = (messages) =>
  messages('envoy.extensions.rate_limit_descriptors.expr.v3.Descriptor').flatMap((descriptor) =>
    hasField(descriptor, 'text') || hasField(descriptor, 'parsed')
      ? []
      : [error('descriptor-expression', descriptor, 'counts by no expression; set text')],
  );
