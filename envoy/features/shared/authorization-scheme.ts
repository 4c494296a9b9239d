import { extension, type HttpFilter } from '../../messages/builders';
import { schemeFilters } from '../../messages/resource-names';

const NAMESPACE = 'authorization';

/**
 * The filters that write the scheme of `authorization` as Envoy's authenticator behind them compares it. RFC 9110 has schemes in
 * either case, with one or more spaces behind. Several values become one, with commas between, which no authenticator accepts.
 *
 * @param scheme - as it is written then
 * @param accepted - the schemes that become it
 */
export function toScheme(scheme: string, accepted: readonly string[] = [scheme]): HttpFilter[] {
  const { read, write } = schemeFilters(scheme.toLowerCase());
  const rewrite = { pattern: { regex: `(?i)^(?:${accepted.join('|')}) +` }, substitution: `${scheme} ` };
  const value = `%DYNAMIC_METADATA(${NAMESPACE}:${scheme})%`;
  return [
    extension(read, 'envoy.extensions.filters.http.header_to_metadata.v3.Config', {
      request_rules: [
        {
          header: 'authorization',
          on_header_present: { metadata_namespace: NAMESPACE, key: scheme, regex_value_rewrite: rewrite },
        },
      ],
    }),
    extension(write, 'envoy.extensions.filters.http.header_mutation.v3.HeaderMutation', {
      mutations: {
        request_mutations: [
          { append: { header: { key: 'authorization', value }, append_action: 'OVERWRITE_IF_EXISTS' } },
        ],
      },
    }),
  ];
}
