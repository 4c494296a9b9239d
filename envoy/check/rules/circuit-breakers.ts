import { error, getField, getItems } from '../message-reader';
import type { Rule } from '../rule';

const OF_ALL = ['max_pending_requests', 'max_requests', 'max_retries', 'retry_budget', 'max_connection_pools'];

/** Of one host, only connections are bounded. */
export const perHostThreshold: Rule = (messages) =>
  messages('envoy.config.cluster.v3.CircuitBreakers')
    .flatMap((breakers) => getItems(breakers, 'per_host_thresholds'))
    .flatMap((threshold) => OF_ALL.map((name) => getField(threshold, name)))
    .filter(({ value }) => value !== undefined && value !== null)
    .map((bound) => error('per-host-threshold', bound, 'is not for a single host; only max_connections is'));
