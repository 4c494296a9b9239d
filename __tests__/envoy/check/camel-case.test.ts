import { check } from '../../../envoy/check/check';
import { shapesOf } from '../../../envoy/messages/schema/descriptors';
import { loadModel } from '../../../envoy/messages/schema/load';
import { valid } from '../../agreement/cases';
import { toCamelCase } from '../../agreement/to-camel-case';
import type { Json } from '../../agreement/tree';
import { MISTAKES } from '../../fixtures/mistakes';

const shapes = shapesOf(loadModel(), '1.39');
const rulesOf = (config: Json) => check(config, { version: '1.39' }).map(({ severity, rule }) => `${severity} ${rule}`);

test.each(Object.entries(MISTAKES))(
  'finds the same problems in camelCase as in snake_case: %s',
  (_, { base, edit }) => {
    const config = structuredClone(valid[base] ?? null);
    edit(config);
    expect(rulesOf(toCamelCase(shapes, config)).sort()).toEqual(rulesOf(config).sort());
  },
);

test.each(Object.keys(valid))('finds no more problems in %s when it is in camelCase', (base) => {
  const config = valid[base] ?? null;
  expect(rulesOf(toCamelCase(shapes, config)).sort()).toEqual(rulesOf(config).sort());
});

const action = { name: 'a', typedConfig: { '@type': 'type.googleapis.com/envoy.config.route.v3.RouteList' } };
const listener = {
  address: { socketAddress: { address: '127.0.0.1', portValue: 80 } },
  filterChainMatcher: { onNoMatch: { action } },
  filterChains: [
    {
      name: 'c',
      filters: [
        { name: 'e', typedConfig: { '@type': 'type.googleapis.com/envoy.extensions.filters.network.echo.v3.Echo' } },
      ],
    },
  ],
};
const actionFaults = (listeners: unknown) =>
  check({ staticResources: { listeners } }, { version: '1.39' }).filter(({ rule }) => rule === 'matcher-action');

test('finds the matcher of an action, and reports the path as written', () => {
  expect(actionFaults([listener])).toMatchObject([
    { path: ['staticResources', 'listeners', 0, 'filterChainMatcher', 'onNoMatch', 'action', 'typedConfig'] },
  ]);
});

test('finds it where the configuration writes an item instead of a list, or a list in a list', () => {
  const end = ['filterChainMatcher', 'onNoMatch', 'action', 'typedConfig'];
  expect(actionFaults(listener)).toMatchObject([{ path: ['staticResources', 'listeners', ...end] }]);
  expect(actionFaults([[], [listener]])).toMatchObject([{ path: ['staticResources', 'listeners', 1, 0, ...end] }]);
});
