import { queryParameter } from '../../../../envoy/check/rules/query-parameters';
import { runRule } from './run-rule';

test('a query parameter is removed, or added as text', () => {
  expect(
    runRule(queryParameter, {
      'envoy.extensions.filters.http.header_mutation.v3.Mutations': [
        {
          query_parameter_mutations: [
            { remove: 'a' },
            { append: { record: { key: 'a', value: '' } } },
            { append: { record: { key: 'a', value: 1 } } },
            { append: { entry: { key: 'a' } } },
            { remove: 'a', append: { record: { key: 'a', value: 'b' } } },
            { remove: '' },
          ],
        },
      ],
    }),
  ).toEqual([
    'error query-parameter at Mutations[0].query_parameter_mutations[2].append.record.value: must be text; set it, in quotes',
    'error query-parameter at Mutations[0].query_parameter_mutations[3].append.record.value: must be text; set it, in quotes',
    'error query-parameter at Mutations[0].query_parameter_mutations[4]: both adds and removes; set one of append and remove',
    'error query-parameter at Mutations[0].query_parameter_mutations[5]: neither adds nor removes anything; set one of append and remove',
  ]);
});
