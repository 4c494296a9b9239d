import type { CustomFragment } from '../../envoy';
import { extension } from '../../envoy/messages/builders';

/**
 * Returns a fake of the authentication filter with this name. It trusts `x-known-as` and copies it into the header, if
 * one is given.
 */
export function fakeIdentityFilter(filter: string, header?: string): CustomFragment {
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
