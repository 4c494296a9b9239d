import { assemble, type EnvoyOptions } from '../../../envoy';
import { type UpgradeOptions, upgrades } from '../../../envoy/features/upgrades';
import { routesIn } from '../../helpers';

const upstream = { host: 'api', port: 8080 };
const CONTEXT = { name: '', servers: [] };

const upgradesOf = (options: Partial<EnvoyOptions>) =>
  routesIn(assemble({ upstream, ...options }).bootstrap).map(({ route }) => route?.upgrade_configs);

test('passes WebSocket to the API by default', () => {
  expect(upgrades.onByDefault).toBe(true);
  expect(upgrades.route({}, CONTEXT)).toEqual({ action: { upgrade_configs: [{ upgrade_type: 'websocket' }] } });
});

test('passes the named protocols, and a route takes those of the whole proxy', () => {
  const types = [{ upgrade_type: 'tcp' }, { upgrade_type: 'websocket' }];
  const options = { upgrades: { types: ['tcp', 'websocket'] }, routes: [{ path: '/a' }] };
  expect(upgradesOf(options)).toEqual([types, types, types, types]);
});

test('sets nothing where it is off', () => {
  expect(upgradesOf({ upgrades: false }).filter((configs) => configs !== undefined)).toEqual([]);
});

test.each<{ name: string; types: UpgradeOptions['types']; message: string }>([
  { name: 'no protocol', types: [], message: 'upgrades.types must name a protocol, got []; write upgrades: false' },
  {
    name: 'a misspelt protocol',
    types: ['websockets'],
    message: `upgrades.types[0] is no known protocol, got "websockets"; did you mean 'websocket'?`,
  },
  {
    name: 'HTTP/2 in plain text',
    types: ['websocket', 'h2c'],
    message:
      'upgrades.types[1] must not be passed to the API, got "h2c"; clients could hide requests from every rule in it; leave it out',
  },
  {
    name: 'TLS',
    types: ['TLS/1.2'],
    message: 'upgrades.types[0] must not be passed to the API, got "TLS/1.2"; use the feature tls',
  },
  {
    name: 'a tunnel',
    types: ['CONNECT'],
    message:
      'upgrades.types[0] must not be passed to the API, got "CONNECT"; the API would be a tunnel to other hosts; leave it out',
  },
  {
    name: 'a list in one text',
    types: ['websocket, tcp'],
    message: `upgrades.types[0] must be the name of a protocol, got "websocket, tcp"; write for example 'websocket'`,
  },
  {
    name: 'a protocol twice',
    types: ['websocket', 'WebSocket'],
    message: 'upgrades.types[1] is there twice, got "WebSocket"; leave one of them out',
  },
])('rejects $name', ({ types, message }) => {
  expect(() => upgrades.route({ types: types as string[] }, CONTEXT)).toThrow(new Error(message));
});
