import { error, getField, getItems, hasField, type Node } from '../message-reader';
import type { Rule } from '../rule';

/** Metadata is taken from a header or a cookie. */
export const metadataSource: Rule = (messages) =>
  messages('envoy.extensions.filters.http.header_to_metadata.v3.Config.Rule').flatMap((rule) => {
    const set = ['header', 'cookie'].filter((field) => hasField(rule, field) && getField(rule, field).value !== '');
    return set.length === 1
      ? []
      : [error('metadata-source', rule, `must be taken from a header or a cookie; set one of the two`)];
  });

/** What a route says to the filter that makes metadata of headers is not nothing, nor what stands for a missing header. */
export const headerToMetadata: Rule = (messages) => [
  ...messages('envoy.extensions.filters.http.header_to_metadata.v3.Config')
    .filter(({ protoPath }) => protoPath.includes('typed_per_filter_config'))
    .filter((config) => ['request_rules', 'response_rules'].every((rules) => getItems(config, rules).length === 0))
    .map((config) => error('header-to-metadata', config, 'says nothing; set request_rules or response_rules')),
  ...messages('envoy.extensions.filters.http.header_to_metadata.v3.Config.Rule')
    .flatMap(findEmptyOnMissing)
    .map((missing) => error('header-to-metadata', missing, 'stands for a header with nothing; set value')),
  ...messages('envoy.extensions.filters.http.header_to_metadata.v3.Config.Rule')
    .map((rule) => getField(rule, hasField(rule, 'on_present') ? 'on_present' : 'on_header_present'))
    .filter((present) => hasField(present, 'regex_value_rewrite') && (getField(present, 'value').value ?? '') !== '')
    .map((present) =>
      error('header-to-metadata', present, 'has both value and regex_value_rewrite; leave out one of them'),
    ),
];

function findEmptyOnMissing(rule: Node): readonly Node[] {
  const missing =
    getField(rule, 'on_missing').value === undefined
      ? getField(rule, 'on_header_missing')
      : getField(rule, 'on_missing');
  return missing.value !== undefined && missing.value !== null && (getField(missing, 'value').value ?? '') === ''
    ? [missing]
    : [];
}

const THRIFT_FILTERS = 'envoy.extensions.filters.network.thrift_proxy.filters';

/** A rule that writes metadata says what it writes, and a value for what is missing. */
export const metadataRule: Rule = (messages) => [
  ...[
    ...messages('envoy.extensions.filters.http.json_to_metadata.v3.JsonToMetadata.MatchRules').flatMap((all) =>
      getItems(all, 'rules'),
    ),
    ...messages('envoy.extensions.filters.http.thrift_to_metadata.v3.Rule'),
    ...messages(`${THRIFT_FILTERS}.header_to_metadata.v3.HeaderToMetadata.Rule`),
    ...messages(`${THRIFT_FILTERS}.payload_to_metadata.v3.PayloadToMetadata.Rule`),
  ].flatMap((rule) =>
    hasField(rule, 'on_present') || hasField(rule, 'on_missing')
      ? findEmptyOnMissing(rule).map((missing) => error('metadata-rule', missing, 'needs value'))
      : [error('metadata-rule', rule, 'needs on_present or on_missing')],
  ),
  ...messages('envoy.extensions.content_parsers.json.v3.JsonContentParser')
    .flatMap((parser) => getItems(parser, 'rules'))
    .map((rule) => getField(rule, 'rule'))
    .filter((rule) => !['on_present', 'on_missing', 'on_error'].some((name) => hasField(rule, name)))
    .map((rule) => error('metadata-rule', rule, 'needs on_present, on_missing or on_error')),
];
