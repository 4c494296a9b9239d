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
  [{ slowStart: '30s' }, balancing('round_robin', slow)],
  [{ policy: 'leastRequest', slowStart: '30s' }, balancing('least_request', slow)],
  [{ panic: false }, balancing('round_robin', {}, 0)],
])('%j', (options, cluster) => {
  expect(loadBalancing.proxy(options)).toEqual({ upstream: { cluster } });
  expect(loadBalancing.upstream(options)).toEqual({ cluster });
});

test.each<[LoadBalancingOptions, object, object]>([
  [{ hashOn: 'clientAddress' }, balancing('maglev'), source],
  [{ hashOn: 'clientAddress', policy: 'ringHash' }, balancing('ring_hash'), source],
  [{ hashOn: { header: 'x-user' } }, balancing('maglev'), hash({ header: { header_name: 'x-user' } })],
  [{ hashOn: { cookie: 'sid' } }, balancing('maglev'), hash({ cookie: { name: 'sid' } })],
  [
    { hashOn: { cookie: 'replica', ttl: '1h' } },
    balancing('maglev'),
    hash({ cookie: { name: 'replica', ttl: '3600s', path: '/' } }),
  ],
  [
    { hashOn: { cookie: 'replica', ttl: '0s' } },
    balancing('maglev'),
    hash({ cookie: { name: 'replica', ttl: '0s', path: '/' } }),
  ],
])('%j is told to routes and to the upstream', (options, cluster, route) => {
  expect(loadBalancing.proxy(options)).toEqual({ upstream: { cluster }, route });
});

test('a route has a hash of its own, and an upstream a policy of its own', () => {
  const { bootstrap } = assemble({
    upstream: { host: 'api', port: 8080, loadBalancing: { policy: 'ringHash' } },
    loadBalancing: { hashOn: 'clientAddress' },
    routes: [
      { path: '/users', loadBalancing: { hashOn: { header: 'x-user' } } },
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
    loadBalancing.upstream({ policy: 'random' }, { inherited: { hashOn: 'clientAddress', panic: false } }),
  ).toEqual({
    cluster: balancing('random', {}, 0),
  });
});

test('a route without a hash of its own has that of the proxy', () => {
  expect(loadBalancing.route({}, { inherited: { hashOn: 'clientAddress' } })).toEqual(source);
  expect(loadBalancing.route({})).toEqual({});
});

test.each<[LoadBalancingOptions, string]>([
  [
    { policy: 'LEAST_REQUEST' as never },
    `loadBalancing.policy must be one of 'roundRobin', 'leastRequest', 'random', 'ringHash', 'maglev', got "LEAST_REQUEST"; choose one of these`,
  ],
  [
    { policy: 'maglev' },
    `loadBalancing.policy needs hashOn for the whole proxy, got "maglev"; set it, for example to 'clientAddress'`,
  ],
  [
    { policy: 'random', hashOn: 'clientAddress' },
    `loadBalancing.policy must be 'ringHash' or 'maglev' with hashOn, got "random"; leave it out`,
  ],
  [{ slowStart: '0s' }, `loadBalancing.slowStart must be longer than zero, got "0s"; write for example '1s'`],
  [
    { slowStart: '1s', policy: 'random' },
    `loadBalancing.slowStart must not be given with policy 'random', which has none, got "1s"; leave it out, or choose 'roundRobin' or 'leastRequest'`,
  ],
  [
    { slowStart: '1s', hashOn: 'clientAddress' },
    `loadBalancing.slowStart must not be given with policy 'maglev', which has none, got "1s"; leave it out, or choose 'roundRobin' or 'leastRequest'`,
  ],
  [
    { hashOn: 'x-user' as never },
    `loadBalancing.hashOn must be { header }, { cookie } or 'clientAddress', got "x-user"; write for example { header: 'x-user' }`,
  ],
  [
    { hashOn: { header: 'a', cookie: 'b' } },
    `loadBalancing.hashOn must be { header }, { cookie } or 'clientAddress', got {"header":"a","cookie":"b"}; write for example { header: 'x-user' }`,
  ],
  [
    { hashOn: { header: 'x user' } },
    `loadBalancing.hashOn.header must be a name without spaces, got "x user"; write for example 'x-user'`,
  ],
  [
    { hashOn: { cookie: '' } },
    `loadBalancing.hashOn.cookie must be a name without spaces, got ""; write for example 'x-user'`,
  ],
  [
    { hashOn: { cookie: 'a', ttl: '1' as never } },
    `loadBalancing.hashOn.ttl must be a number with a unit (ms, s, m or h), got "1"; write for example '250ms' or '15s'`,
  ],
  [{ hashOn: { header: 'a', ttl: '1s' } as never }, 'loadBalancing.hashOn.ttl is not an option, got "1s"; remove it'],
  [{ sticky: true } as never, 'loadBalancing.sticky is not an option, got true; remove it'],
])('refuses %j', (options, message) => {
  expect(() => loadBalancing.proxy(options)).toThrow(new Error(message));
});

test('refuses a hash of a route alone, and one of an upstream', () => {
  expect(() => loadBalancing.route({ hashOn: 'clientAddress' })).toThrow(
    new Error('loadBalancing.hashOn needs one for the whole proxy, got "clientAddress"; set it there, too'),
  );
  expect(() => loadBalancing.upstream({ hashOn: 'clientAddress' } as never)).toThrow(
    new Error('loadBalancing.hashOn is not an option, got "clientAddress"; remove it'),
  );
});
