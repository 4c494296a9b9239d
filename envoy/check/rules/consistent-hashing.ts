import { error, getField, getItems, getMessageType, type Node, readNumber, readText } from '../message-reader';
import type { Rule } from '../rule';

const MAGLEV = 'envoy.extensions.load_balancing_policies.maglev.v3.Maglev';
const RING = 'envoy.extensions.load_balancing_policies.ring_hash.v3.RingHash';
/** Envoy's default. */
const MINIMUM = 1024;

/** The tables of consistent hashing, of the policy that a cluster uses. */
export const hashTable: Rule = (messages) =>
  messages('envoy.config.cluster.v3.Cluster').flatMap((cluster) => {
    const [kind, config] = findPolicy(cluster);
    switch (kind) {
      case MAGLEV:
        return checkTableSize(getField(config, 'table_size'));
      case RING:
        return checkRingSize(config);
      default:
        return [];
    }
  });

function findPolicy(cluster: Node): [string | undefined, Node] {
  const [first] = getItems(getField(cluster, 'load_balancing_policy'), 'policies');
  if (first) {
    const config = getField(first, 'typed_extension_config', 'typed_config');
    return [getMessageType(config), config];
  }
  switch (readText(getField(cluster, 'lb_policy'))) {
    case 'MAGLEV':
      return [MAGLEV, getField(cluster, 'maglev_lb_config')];
    case 'RING_HASH':
      return [RING, getField(cluster, 'ring_hash_lb_config')];
    default:
      return [undefined, cluster];
  }
}

function checkTableSize(node: Node) {
  const size = readNumber(node);
  return size === undefined || isPrime(size)
    ? []
    : [error('hash-table', node, `is ${size}, which is no prime number; write for example 65537`)];
}

function checkRingSize(config: Node) {
  const maximum = getField(config, 'maximum_ring_size');
  const most = readNumber(maximum);
  const minimum = readNumber(getField(config, 'minimum_ring_size')) ?? MINIMUM;
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
