import { error, getField, readText } from '../message-reader';
import type { Rule } from '../rule';

/** One cache has one configuration, wherever it is used. */
export const dnsCache: Rule = (messages) => {
  const caches = messages('envoy.extensions.common.dynamic_forward_proxy.v3.DnsCacheConfig');
  return caches.flatMap((cache, place) => {
    const name = readText(getField(cache, 'name'));
    const first = caches.findIndex((other) => getField(other, 'name').value === name);
    return name !== undefined && first < place && toSortedJson(caches[first]?.value) !== toSortedJson(cache.value)
      ? [error('dns-cache', cache, `is '${name}', which is set up differently before; make them alike, or rename it`)]
      : [];
  });
};

function toSortedJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === 'number'
      ? String(part)
      : typeof part === 'object' && part !== null && !Array.isArray(part)
        ? Object.fromEntries(Object.entries(part).sort(([one], [other]) => (one < other ? -1 : 1)))
        : part,
  );
}
