import { child, error, items, type Node, number, text, typeName } from '../message-reader';
import type { Rule } from '../rule';

const MAGLEV = 'envoy.extensions.load_balancing_policies.maglev.v3.Maglev';
const RING = 'envoy.extensions.load_balancing_policies.ring_hash.v3.RingHash';
/** Envoy's default. */
const MINIMUM = 1024;

/** The tables of consistent hashing, of the policy that a cluster uses. */
export const hashTable: Rule = (messages) =>
  messages('envoy.config.cluster.v3.Cluster').flatMap((cluster) => {
    const [kind, config] = policyOf(cluster);
    switch (kind) {
      case MAGLEV:
        return tableSize(child(config, 'table_size'));
      case RING:
        return ringSize(config);
      default:
        return [];
    }
  });

function policyOf(cluster: Node): [string | undefined, Node] {
  const [first] = items(child(cluster, 'load_balancing_policy'), 'policies');
  if (first) {
    const config = child(first, 'typed_extension_config', 'typed_config');
    return [typeName(config), config];
  }
  switch (text(child(cluster, 'lb_policy'))) {
    case 'MAGLEV':
      return [MAGLEV, child(cluster, 'maglev_lb_config')];
    case 'RING_HASH':
      return [RING, child(cluster, 'ring_hash_lb_config')];
    default:
      return [undefined, cluster];
  }
}

function tableSize(node: Node) {
  const size = number(node);
  return size === undefined || isPrime(size)
    ? []
    : [error('hash-table', node, `is ${size}, which is no prime number; write for example 65537`)];
}

function ringSize(config: Node) {
  const maximum = child(config, 'maximum_ring_size');
  const most = number(maximum);
  const minimum = number(child(config, 'minimum_ring_size')) ?? MINIMUM;
  return most !== undefined && most < minimum
    ? [error('hash-table', maximum, `is ${most}, below the minimum of ${minimum}; set minimum_ring_size lower`)]
    : [];
}

function isPrime(value: number): boolean {
  for (let divisor = 2; divisor * divisor <= value; divisor += 1) {
    if (value % divisor === 0) {
      return false;
    }
  }
  return value > 1;
}
