import { nearest } from '../../../envoy/options/suggest';

test.each([
  ['http_filter', ['http_filters', 'filters'], 'http_filters'],
  ['connectTimeout', ['connect_timeout'], 'connect_timeout'],
  ['route-config', ['route_config'], 'route_config'],
  ['adress', ['address', 'name'], 'address'],
  ['name', ['names', 'name'], 'name'],
  ['route_config', ['route_confgi', 'router_config_x'], 'route_confgi'],
  ['naem', ['name', 'node'], 'name'],
  ['round', ['least_request', 'round_robin'], 'round_robin'],
  ['x', ['name'], undefined],
  ['name', [], undefined],
  ['', ['name'], undefined],
])('%s among %j: %s', (word, candidates, expected) => {
  expect(nearest(word, candidates)).toBe(expected);
});
