import { headerToMetadata, metadataSource } from '../../../../envoy/check/rules/metadata';
import { runRule } from './run-rule';

const REWRITE = { pattern: { regex: 'a' }, substitution: 'b' };

test('metadata has one source', () => {
  const rules = [{}, { header: '' }, { header: 'a', cookie: 'b' }, { header: 'a' }, { cookie: 'b' }];
  expect(runRule(metadataSource, { 'envoy.extensions.filters.http.header_to_metadata.v3.Config.Rule': rules })).toEqual(
    [0, 1, 2].map(
      (place) => `error metadata-source at Rule[${place}]: must be taken from a header or a cookie; set one of the two`,
    ),
  );
});

test('a route says something to the filter that makes metadata of headers', () => {
  expect(
    runRule(headerToMetadata, {
      'envoy.extensions.filters.http.header_to_metadata.v3.Config': [
        { at: ['http_filters', 0, 'typed_config'] },
        { at: ['routes', 0, 'typed_per_filter_config', 'a'] },
        { at: ['routes', 1, 'typed_per_filter_config', 'a'], response_rules: [{ header: 'a' }] },
      ],
      'envoy.extensions.filters.http.header_to_metadata.v3.Config.Rule': [
        { header: 'a', on_header_missing: { key: 'a', value: 'b' } },
        { header: 'a', on_header_present: { key: 'a' } },
        { header: 'a', on_header_missing: { key: 'a' } },
        { header: 'a', on_header_present: { key: 'a', value: 'b', regex_value_rewrite: REWRITE } },
        { header: 'a', on_header_present: { key: 'a', regex_value_rewrite: REWRITE } },
        { header: 'a', on_header_missing: { key: 'a', value: 'b', regex_value_rewrite: REWRITE } },
      ],
    }),
  ).toEqual([
    'error header-to-metadata at routes[0].typed_per_filter_config.a: says nothing; set request_rules or response_rules',
    'error header-to-metadata at Rule[2].on_header_missing: stands for a header with nothing; set value',
    'error header-to-metadata at Rule[3].on_header_present: has both value and regex_value_rewrite; leave out one of them',
  ]);
});
