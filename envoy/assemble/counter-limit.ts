import { LONGEST_VALUE } from '../features/shared/rate-limits/descriptors';
import type { Part } from '../fragments/merge';
import type { HttpFilter } from '../messages/builders';
import type { envoy } from '../messages/schema/types';
import { invalidOption } from '../options/validate';
import type { Source } from './resolve-features';
import type { ResolvedRoute } from './routes/resolved-route';

type LocalRateLimit = envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit;

/** The share of the heap that all counters may take: Envoy never frees them, and needs the rest for connections. */
const HEAP_SHARE = 0.25;
/** Their memory where the heap has no bound: the share of a container of 64 MiB, the least for a public service. */
const WITHOUT_HEAP = 10 * 1_024 ** 2;
/** With fewer values for each limit, ordinary traffic evicts counters, and the limit limits hardly anyone. */
const LEAST_VALUES = 1_000;

interface Counters {
  readonly part: Part<HttpFilter>;
  /** Memory that one value takes in this filter, with the longest value. */
  readonly bytes: number;
  /** The number of values that the option `maxTrackedClients` asks for. */
  readonly values: number | undefined;
}

/**
 * Bounds the counters of all rate limits together. Envoy keeps one for each value that a filter meets, for ever, and bounds
 * their number for each filter alone. A flood of values would fill the heap, and then Envoy refuses every request.
 */
export function boundCounters(
  all: readonly Source[],
  filters: readonly Part<HttpFilter>[],
  rules: readonly ResolvedRoute[],
  heap: number | undefined,
): Part<HttpFilter>[] {
  const counting = all.flatMap(({ name, feature }) => (feature.keepsCounters ? [name] : []));
  const counters = filters.filter(({ by }) => counting.includes(by)).flatMap(countersOf);
  const budget = heap === undefined ? WITHOUT_HEAP : heap * HEAP_SHARE;
  const asked = counters.filter(({ values }) => values !== undefined);
  const taken = sum(asked.map(({ bytes, values = 0 }) => bytes * values));
  const shared = sum(counters.filter(({ values }) => values === undefined).map(({ bytes }) => bytes));
  const values = Math.max(LEAST_VALUES, Math.floor((budget - taken) / shared));
  if (heap !== undefined && taken + (shared > 0 ? shared * values : 0) > budget) {
    refuse(counters, rules, taken + shared * LEAST_VALUES, heap);
  }
  return filters.map((part) => {
    const isShared = counters.some((one) => one.part === part && one.values === undefined);
    return isShared ? { ...part, value: withValues(part.value, values) } : part;
  });
}

function countersOf(part: Part<HttpFilter>): Counters[] {
  const { descriptors = [], max_dynamic_descriptors: values } = configOf(part.value);
  const bytes = sum(descriptors.map(({ entries = [] }) => counterBytes(entries.map(({ key }) => key))));
  return bytes > 0 ? [{ part, bytes, values }] : [];
}

/**
 * The memory of one counter. Measured at worst, when Envoy's table has just grown (1.37 to 1.40): 618 bytes for a network of
 * IPv6, 1,151 for a header of 256 bytes, 1,365 for a claim of 256 with a long issuer, 1,480 if a rate for API keys is beside it.
 */
function counterBytes(keys: readonly (string | undefined)[]): number {
  return 550 + 150 * keys.length + (keys.includes('masked_remote_address') ? 0 : 2 * LONGEST_VALUE);
}

function refuse(counters: readonly Counters[], rules: readonly ResolvedRoute[], needed: number, heap: number): never {
  const asked = counters.find(({ values }) => values !== undefined);
  const feature = counters[0]?.part.by ?? '';
  const clients = `${asked && optionOf(asked.part, rules)}.maxTrackedClients`;
  const enough = Math.ceil(needed / HEAP_SHARE);
  return invalidOption(
    asked ? clients : feature,
    `must leave the heap free: the counters of all rate limits may take a quarter of limits.maxHeapSize, ${mebibytes(heap * HEAP_SHARE)}, and need ${mebibytes(needed)}`,
    asked?.values ?? `${counters.length} rate limits with at least ${LEAST_VALUES} clients each`,
    `${asked ? 'lower it' : 'give fewer routes rates'}, or raise limits.maxHeapSize to ${mebibytes(enough)} (EnvoySidecar: memory to ${mebibytes(enough / 0.6)})`,
  );
}

/** The option that brings a filter, as `routes[0].rateLimit`. */
function optionOf({ by, value: { name } }: Part<HttpFilter>, rules: readonly ResolvedRoute[]): string {
  const brings = ({ value: { httpFilters = [] } }: ResolvedRoute['parts'][number]) =>
    httpFilters.some((filter) => filter.name === name);
  return rules.flatMap(({ parts }) => parts).find(brings)?.by ?? by;
}

function configOf({ typed_config }: HttpFilter): LocalRateLimit {
  return typed_config as unknown as LocalRateLimit;
}

function withValues(filter: HttpFilter, values: number): HttpFilter {
  return { ...filter, typed_config: { ...filter.typed_config, max_dynamic_descriptors: values } } as HttpFilter;
}

const sum = (numbers: readonly number[]) => numbers.reduce((all, one) => all + one, 0);
const mebibytes = (bytes: number) => `${Math.ceil(bytes / 1_024 ** 2)}MiB`;
