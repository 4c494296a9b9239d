import { hashTable } from '../../../../envoy/check/rules/consistent-hashing';
import { runRule } from './run-rule';

const ofClusters = (...clusters: object[]) => runRule(hashTable, { 'envoy.config.cluster.v3.Cluster': clusters });
const policies = (...all: [string, object][]) => ({
  load_balancing_policy: {
    policies: all.map(([type, config]) => ({
      typed_extension_config: {
        name: 'x',
        typed_config: { '@type': `type.googleapis.com/envoy.extensions.load_balancing_policies.${type}`, ...config },
      },
    })),
  },
});
const maglev = (table_size?: number | string) => policies(['maglev.v3.Maglev', { table_size }]);
const ring = (config: object) => policies(['ring_hash.v3.RingHash', config]);

test('the table of Maglev has a prime size', () => {
  const at = 'load_balancing_policy.policies[0].typed_extension_config.typed_config.table_size';
  expect(
    ofClusters(
      maglev(10),
      maglev('9'),
      maglev(1),
      maglev(0),
      { lb_policy: 'MAGLEV', maglev_lb_config: { table_size: 65_536 } },
      maglev(2),
      maglev('65537'),
      maglev(5_000_011),
      maglev(),
      { maglev_lb_config: { table_size: 65_536 } },
      policies(['maglev.v3.Maglev', { table_size: 11 }], ['maglev.v3.Maglev', { table_size: 10 }]),
    ),
  ).toEqual([
    `error hash-table at Cluster[0].${at}: is 10, which is no prime number; write for example 65537`,
    `error hash-table at Cluster[1].${at}: is 9, which is no prime number; write for example 65537`,
    `error hash-table at Cluster[2].${at}: is 1, which is no prime number; write for example 65537`,
    `error hash-table at Cluster[3].${at}: is 0, which is no prime number; write for example 65537`,
    'error hash-table at Cluster[4].maglev_lb_config.table_size: is 65536, which is no prime number; write for example 65537',
  ]);
});

test('a ring is not smaller at most than at least', () => {
  const at = 'load_balancing_policy.policies[0].typed_extension_config.typed_config.maximum_ring_size';
  expect(
    ofClusters(
      ring({ minimum_ring_size: 10, maximum_ring_size: 5 }),
      ring({ maximum_ring_size: '1023' }),
      { lb_policy: 'RING_HASH', ring_hash_lb_config: { maximum_ring_size: 5 } },
      ring({ minimum_ring_size: 5, maximum_ring_size: 5 }),
      ring({ maximum_ring_size: 1024 }),
      ring({ minimum_ring_size: 5000 }),
      { ring_hash_lb_config: { minimum_ring_size: 10, maximum_ring_size: 5 } },
      { lb_policy: 'RING_HASH' },
    ),
  ).toEqual([
    `error hash-table at Cluster[0].${at}: is 5, below the minimum of 10; set minimum_ring_size lower`,
    `error hash-table at Cluster[1].${at}: is 1023, below the minimum of 1024; set minimum_ring_size lower`,
    'error hash-table at Cluster[2].ring_hash_lb_config.maximum_ring_size: is 5, below the minimum of 1024; set minimum_ring_size lower',
  ]);
});
