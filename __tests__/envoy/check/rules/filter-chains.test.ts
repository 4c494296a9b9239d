import { filterChainMatch, uniqueFilterChains } from '../../../../envoy/check/rules/filter-chains';
import { runRule } from './run-rule';

test('filter chains that a connection could fit both of', () => {
  expect(
    runRule(uniqueFilterChains, {
      'envoy.config.listener.v3.Listener': [
        {
          filter_chains: [
            {
              filter_chain_match: {
                server_names: ['a', 'b'],
              },
            },
            {
              filter_chain_match: {
                server_names: ['b'],
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
    'error unique-filter-chain at Listener[0].filter_chains[1]: matches {"server_names":["b"]}, some of which a filter chain before does; give it a filter_chain_match of its own',
    'error unique-filter-chain at Listener[1].filter_chains[1]: matches {}, some of which a filter chain before does; give it a filter_chain_match of its own',
  ]);
});

const chain = (filter_chain_match: object) => ({ filter_chain_match });

test.each<[string, object, object]>([
  ['names in capital letters', { server_names: ['a'] }, { server_names: ['A'] }],
  ['the two spellings of a wildcard', { server_names: ['*.a'] }, { server_names: ['.a'] }],
  ['what is meant anyway', { source_type: 'ANY', transport_protocol: '' }, {}],
  [
    'ranges that hold the same addresses',
    { prefix_ranges: [{ address_prefix: '10.0.0.0', prefix_len: 8 }] },
    { prefix_ranges: [{ address_prefix: '10.1.2.3', prefix_len: 8 }] },
  ],
  [
    'ranges of version 6',
    { source_prefix_ranges: [{ address_prefix: 'fe80::1', prefix_len: 64 }] },
    { source_prefix_ranges: [{ address_prefix: 'fe80:0::2', prefix_len: 64 }] },
  ],
])('%s are the same to Envoy', (_, one, other) => {
  const listener = { filter_chains: [chain(one), chain(other)] };
  expect(runRule(uniqueFilterChains, { 'envoy.config.listener.v3.Listener': [listener] })).toEqual([
    `error unique-filter-chain at Listener[0].filter_chains[1]: matches ${JSON.stringify(other)}, some of which a filter chain before does; give it a filter_chain_match of its own`,
  ]);
});

test('what differs in a bit, or in the letters of a protocol, is not the same', () => {
  const filter_chains = [
    chain({ prefix_ranges: [{ address_prefix: '10.0.0.0', prefix_len: 8 }] }),
    chain({ prefix_ranges: [{ address_prefix: '10.0.0.0', prefix_len: 9 }] }),
    chain({ application_protocols: ['h2'] }),
    chain({ application_protocols: ['H2'] }),
  ];
  expect(runRule(uniqueFilterChains, { 'envoy.config.listener.v3.Listener': [{ filter_chains }] })).toEqual([]);
});

test('a match that says something twice', () => {
  const filter_chains = [chain({ server_names: ['a', 'A'] })];
  expect(runRule(uniqueFilterChains, { 'envoy.config.listener.v3.Listener': [{ filter_chains }] })).toEqual([
    'error unique-filter-chain at Listener[0].filter_chains[0].filter_chain_match: is {"server_names":["a","A"]}, which says the same twice; remove one of them',
  ]);
});

test('what Envoy does not match by', () => {
  const matches = [{ server_names: ['a', '*.a', '*', 'a*b'], address_suffix: '1.2.3.4' }, { address_suffix: '' }];
  expect(runRule(filterChainMatch, { 'envoy.config.listener.v3.FilterChainMatch': matches })).toEqual([
    "error filter-chain-match at FilterChainMatch[0].server_names[2]: is '*', and a wildcard stands for whole words in front: '*.a'",
    "error filter-chain-match at FilterChainMatch[0].server_names[3]: is 'a*b', and a wildcard stands for whole words in front: '*.a'",
    'error filter-chain-match at FilterChainMatch[0].address_suffix: is nothing that Envoy does; remove it',
  ]);
});
