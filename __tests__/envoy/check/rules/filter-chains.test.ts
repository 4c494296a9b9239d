import { filterChainMatch, uniqueFilterChains } from '../../../../envoy/check/rules/filter-chains';
import { verdict } from './met';

test('filter chains that a connection could fit both of', () => {
  expect(
    verdict(uniqueFilterChains, {
      'envoy.config.listener.v3.Listener': [
        {
          filter_chains: [
            {
              filter_chain_match: {
                server_names: ['a', 'b'],
              },
            },
            {
              filterChainMatch: {
                serverNames: ['b'],
              },
            },
            {
              filter_chain_match: {
                server_names: ['c'],
              },
            },
          ],
        },
        {
          filter_chains: [{}, {}],
        },
        {
          filter_chain_matcher: {},
          filter_chains: [{}, {}],
        },
      ],
    }),
  ).toEqual([
    'error unique-filter-chain at Listener[0].filter_chains[1]: matches {"serverNames":["b"]}, some of which a filter chain before does; give it a filter_chain_match of its own',
    'error unique-filter-chain at Listener[1].filter_chains[1]: matches {}, some of which a filter chain before does; give it a filter_chain_match of its own',
  ]);
});
