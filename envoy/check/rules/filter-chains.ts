import { plainRange } from '../../options/ip';
import { error, getField, getItems, hasField, type Node, readNumber, readText } from '../message-reader';
import type { Rule } from '../rule';

/** What chooses a filter chain: for each field, how Envoy keeps a value of it. */
const MATCH_FIELDS: Readonly<Record<string, (value: Node) => unknown>> = {
  destination_port: ({ value }) => value,
  prefix_ranges: normalizeRange,
  server_names: (name) => readText(name)?.toLowerCase().replace(/^\*\./, '.'),
  transport_protocol: ({ value }) => (value === '' ? undefined : value),
  application_protocols: ({ value }) => value,
  direct_source_prefix_ranges: normalizeRange,
  source_type: ({ value }) => (value === 'ANY' ? undefined : value),
  source_prefix_ranges: normalizeRange,
  source_ports: ({ value }) => value,
};

function normalizeRange(node: Node): unknown {
  const address = readText(getField(node, 'address_prefix'));
  return address === undefined ? node.value : plainRange(address, readNumber(getField(node, 'prefix_len')) ?? 0);
}

/** More combinations than anybody writes. */
const MOST_COMBINATIONS = 10_000;

/** What the filter chains of a listener are for: no connection fits two of them. A matcher chooses by name instead. */
export const uniqueFilterChains: Rule = (messages) =>
  messages('envoy.config.listener.v3.Listener').flatMap((listener) => {
    const seen = new Set<string>();
    return hasField(listener, 'filter_chain_matcher')
      ? []
      : getItems(listener, 'filter_chains').flatMap((chain) => {
          const match = getField(chain, 'filter_chain_match');
          const wanted = combineMatches(match);
          const again = wanted.some((combination) => seen.has(combination));
          const twice = new Set(wanted).size < wanted.length;
          for (const combination of wanted) {
            seen.add(combination);
          }
          const shown = JSON.stringify(match.value ?? {});
          if (again) {
            return [
              error(
                'unique-filter-chain',
                chain,
                `matches ${shown}, some of which a filter chain before does; give it a filter_chain_match of its own`,
              ),
            ];
          }
          return twice
            ? [error('unique-filter-chain', match, `is ${shown}, which says the same twice; remove one of them`)]
            : [];
        });
  });

function combineMatches(match: Node): readonly string[] {
  return Object.entries(MATCH_FIELDS).reduce<readonly string[]>(
    (sofar, [field, kept]) => {
      const single = getField(match, field);
      const list = Array.isArray(single.value) ? getItems(match, field) : [single];
      const values = list.length === 0 ? [undefined] : list.map(kept);
      return sofar.length * values.length > MOST_COMBINATIONS
        ? sofar
        : sofar.flatMap((before) => values.map((each) => `${before} ${JSON.stringify(each ?? null)}`));
    },
    [''],
  );
}

/** Names of servers have a wildcard in front alone, and what Envoy does not do is not asked for. */
export const filterChainMatch: Rule = (messages) =>
  messages('envoy.config.listener.v3.FilterChainMatch').flatMap((match) => [
    ...getItems(match, 'server_names')
      .filter((name) => /\*/.test((readText(name) ?? '').replace(/^\*\./, '')))
      .map((name) =>
        error('filter-chain-match', name, `is '${name.value}', and a wildcard stands for whole words in front: '*.a'`),
      ),
    ...['address_suffix', 'suffix_len']
      .filter((field) => hasField(match, field) && getField(match, field).value !== '')
      .map((field) => error('filter-chain-match', getField(match, field), 'is nothing that Envoy does; remove it')),
  ]);
