import { assemble } from '../../../envoy';
import { type LoadBalancingOptions, loadBalancing } from '../../../envoy/features/load-balancing';
import { actionsOf, upstreamOf } from '../../helpers';

const TYPES = {
  least_request: 'LeastRequest',
  round_robin: 'RoundRobin',
  random: 'Random',
  ring_hash: 'RingHash',
  maglev: 'Maglev',
};

function balancing(policy: keyof typeof TYPES, config: object = {}, panic = 1) {
  return {
    load_balancing_policy: {
      policies: [
        {
          typed_extension_config: {
            name: `envoy.load_balancing_policies.${policy}`,
            typed_config: {
              '@type': `type.googleapis.com/envoy.extensions.load_balancing_policies.${policy}.v3.${TYPES[policy]}`,
              ...config,
            },
          },
        },
      ],
    },
    common_lb_config: { healthy_panic_threshold: { value: panic }, update_merge_window: '0s' },
  };
}

const hash = (policy: object) => ({ action: { hash_policy: [policy] } });
const source = hash({ connection_properties: { source_ip: true } });
const slow = { slow_start_config: { slow_start_window: '30s' } };

test('is on by default: one replica after the other, and unwell ones only when none is well', () => {
  expect(loadBalancing.onByDefault).toBe(true);
  expect(loadBalancing.proxy({})).toEqual({ upstream: { cluster: balancing('round_robin') } });
});

test.each<[LoadBalancingOptions, object]>([
  [{ policy: 'leastRequest' }, balancing('least_request')],
  [{ policy: 'roundRobin' }, balancing('round_robin')],
  [{ policy: 'random' }, balancing('random')],
  [{ slowStartWindow: '30s' }, balancing('round_robin', slow)],
  [{ policy: 'leastRequest', slowStartWindow: '30s' }, balancing('least_request', slow)],
  [{ panicMode: false }, balancing('round_robin', {}, 0)],
])('%j', (options, cluster) => {
  expect(loadBalancing.proxy(options)).toEqual({ upstream: { cluster } });
  expect(loadBalancing.upstream(options)).toEqual({ cluster });
});

test.each<[LoadBalancingOptions, object, object]>([
  [{ consistentHash: 'clientAddress' }, balancing('maglev'), source],
  [{ consistentHash: 'clientAddress', policy: 'ringHash' }, balancing('ring_hash'), source],
  [{ consistentHash: { header: 'x-user' } }, balancing('maglev'), hash({ header: { header_name: 'x-user' } })],
  [{ consistentHash: { cookie: 'sid' } }, balancing('maglev'), hash({ cookie: { name: 'sid' } })],
  [
    { consistentHash: { cookie: 'replica', ttl: '1h' } },
    balancing('maglev'),
    hash({ cookie: { name: 'replica', ttl: '3600s', path: '/' } }),
  ],
  [
    { consistentHash: { cookie: 'replica', ttl: '0s' } },
    balancing('maglev'),
    hash({ cookie: { name: 'replica', ttl: '0s', path: '/' } }),
  ],
])('%j is told to routes and to the upstream', (options, cluster, route) => {
  expect(loadBalancing.proxy(options)).toEqual({ upstream: { cluster }, route });
});

test('a route has a hash of its own, and an upstream a policy of its own', () => {
  const { bootstrap } = assemble({
    upstream: { host: 'api', port: 8080, loadBalancing: { policy: 'ringHash' } },
    loadBalancing: { consistentHash: 'clientAddress' },
    routes: [
      { path: '/users', loadBalancing: { consistentHash: { header: 'x-user' } } },
      { path: '/static', loadBalancing: false },
    ],
    retries: false,
  });
  expect(actionsOf(bootstrap).map((action) => action?.hash_policy)).toEqual([
    undefined,
    [{ header: { header_name: 'x-user' } }],
    [{ connection_properties: { source_ip: true } }],
  ]);
  expect(upstreamOf(bootstrap)).toMatchObject(balancing('ring_hash'));
});

test('an upstream may leave the hash of the proxy alone', () => {
  expect(
    loadBalancing.upstream({ policy: 'random' }, { inherited: { consistentHash: 'clientAddress', panicMode: false } }),
  ).toEqual({
    cluster: balancing('random', {}, 0),
  });
});

test('a route without a hash of its own has that of the proxy', () => {
  expect(loadBalancing.route({}, { inherited: { consistentHash: 'clientAddress' } })).toEqual(source);
  expect(loadBalancing.route({})).toEqual({});
});

test.each<[LoadBalancingOptions, string]>([
  [
    { policy: 'LEAST_REQUEST' as never },
    `loadBalancing.policy must be one of 'roundRobin', 'leastRequest', 'random', 'ringHash', 'maglev', got "LEAST_REQUEST"; choose one of these`,
  ],
  [
    { policy: 'maglev' },
    `loadBalancing.policy needs consistentHash for the whole proxy, got "maglev"; set it, for example to 'clientAddress'`,
  ],
  [
    { policy: 'random', consistentHash: 'clientAddress' },
    `loadBalancing.policy must be 'ringHash' or 'maglev' with consistentHash, got "random"; leave it out`,
  ],
  [
    { slowStartWindow: '0s' },
    `loadBalancing.slowStartWindow must be longer than zero, got "0s"; write for example '1s'`,
  ],
  [
    { slowStartWindow: '1s', policy: 'random' },
    `loadBalancing.slowStartWindow must not be given with policy 'random', which has none, got "1s"; leave it out, or choose 'roundRobin' or 'leastRequest'`,
  ],
  [
    { slowStartWindow: '1s', consistentHash: 'clientAddress' },
    `loadBalancing.slowStartWindow must not be given with policy 'maglev', which has none, got "1s"; leave it out, or choose 'roundRobin' or 'leastRequest'`,
  ],
  [
    { consistentHash: 'x-user' as never },
    `loadBalancing.consistentHash must be { header }, { cookie } or 'clientAddress', got "x-user"; write for example { header: 'x-user' }`,
  ],
  [
    { consistentHash: { header: 'a', cookie: 'b' } },
    `loadBalancing.consistentHash must be { header }, { cookie } or 'clientAddress', got {"header":"a","cookie":"b"}; write for example { header: 'x-user' }`,
  ],
  [
    { consistentHash: { header: 'x user' } },
    `loadBalancing.consistentHash.header must be a name without spaces, got "x user"; write for example 'x-user'`,
  ],
  [
    { consistentHash: { cookie: '' } },
    `loadBalancing.consistentHash.cookie must be a name without spaces, got ""; write for example 'x-user'`,
  ],
  [
    { consistentHash: { cookie: 'a', ttl: '1' as never } },
    `loadBalancing.consistentHash.ttl must be a number with a unit (ms, s, m or h), got "1"; write for example '250ms' or '15s'`,
  ],
  [
    { consistentHash: { header: 'a', ttl: '1s' } as never },
    'loadBalancing.consistentHash.ttl is not an option, got "1s"; remove it',
  ],
  [{ sticky: true } as never, 'loadBalancing.sticky is not an option, got true; remove it'],
])('refuses %j', (options, message) => {
  expect(() => loadBalancing.proxy(options)).toThrow(new Error(message));
});

test('refuses a hash of a route alone, and one of an upstream', () => {
  expect(() => loadBalancing.route({ consistentHash: 'clientAddress' })).toThrow(
    new Error('loadBalancing.consistentHash needs one for the whole proxy, got "clientAddress"; set it there, too'),
  );
  expect(() => loadBalancing.upstream({ consistentHash: 'clientAddress' } as never)).toThrow(
    new Error('loadBalancing.consistentHash is not an option, got "clientAddress"; remove it'),
  );
});
