import { apiKeySource } from '../../../../envoy/check/rules/api-keys';
import { runRule } from './run-rule';

test('an API key comes from somewhere', () => {
  const sources = [
    {},
    { header: '' },
    { header: 'x' },
    { query: 'x' },
    { cookie: 'x' },
    { header: '${TfToken[TOKEN.1]}' },
  ];
  expect(runRule(apiKeySource, { 'envoy.extensions.filters.http.api_key_auth.v3.KeySource': sources })).toEqual([
    'error api-key-source at KeySource[0]: says nothing; set header, query or cookie',
    'error api-key-source at KeySource[1]: says nothing; set header, query or cookie',
  ]);
});
