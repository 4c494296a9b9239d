import { answersWhere, extension } from './api';
import type { ProxyFragment } from './fragment';
import type { envoy } from './schema/types';

type Answer = Pick<
  envoy.extensions.filters.network.http_connection_manager.v3.ResponseMapper,
  'status_code' | 'body' | 'headers_to_add'
>;

// Without `localReplies`, the filter's own words would speak of access.
const BAD_REQUEST: Answer = { status_code: 400, body: { inline_string: 'Bad Request' } };

/**
 * Refuses requests that nobody should send, as those that can be read in more than one way, before anybody decides by them. With
 * 400, as Envoy refuses what it can't read, since it is no question of who asks; the filter itself can only say 403. In the
 * access log `details` has the name of what was refused.
 */
export function refused(
  filter: string,
  name: string,
  permission: envoy.config.rbac.v3.Permission,
  answer: Answer = BAD_REQUEST,
): ProxyFragment {
  const policy = { permissions: [permission], principals: [{ any: true }] };
  return {
    httpFilters: [
      extension(filter, 'envoy.extensions.filters.http.rbac.v3.RBAC', {
        rules: { action: 'DENY', policies: { [name]: policy } },
        rules_stat_prefix: name,
      }),
    ],
    connectionManager: {
      local_reply_config: {
        mappers: [
          {
            filter: answersWhere(`response.code_details == 'rbac_access_denied_matched_policy[${name}]'`),
            ...answer,
          },
        ],
      },
    },
  };
}
