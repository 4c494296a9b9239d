import type { CustomFragment } from '../../envoy';
import { extension } from '../../envoy/messages/builders';

/**
 * Stands in for the filter of this name, which finds out who a client is: believes `x-known-as`, and tells of it in the
 * header; without one it tells nothing.
 */
export function knownAs(filter: string, header?: string): CustomFragment {
  const append = {
    header: { key: header ?? '', value: '%REQ(x-known-as)%' },
    append_action: 'OVERWRITE_IF_EXISTS_OR_ADD',
  } as const;
  const mutations = { request_mutations: header === undefined ? [] : [{ append }] };
  return {
    before: 'identityRateLimit',
    httpFilters: [extension(filter, 'envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', { mutations })],
  };
}
