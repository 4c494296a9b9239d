import { fail } from './validate';

/** A name, or `*` for one or more labels before a name. */
const HOST = /^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;

/** Refuses what no host is called, or what is no choice among them. */
export function checkHosts(hosts: readonly string[]): void {
  if (hosts.length === 0) {
    fail('hosts', 'must name a host', hosts, 'leave it out for all hosts');
  }
  for (const [index, host] of hosts.entries()) {
    if (typeof host !== 'string' || !HOST.test(host)) {
      fail(
        `hosts[${index}]`,
        "must be a name in lower case without a port, with '*.' before it for all names below",
        host,
        "write for example 'api.example.com' or '*.example.com', and leave hosts out for all",
      );
    }
    const first = hosts.indexOf(host);
    if (first < index) {
      fail(`hosts[${index}]`, `is also hosts[${first}]`, host, 'leave it out');
    }
  }
}

/**
 * What fits the host that a client asked for, in `:authority`, where HTTP/1.1's `Host` is too. Clients write it in any case, with
 * any port, and may end it with a dot. Of two `Host` headers Envoy makes one with a comma, which is no name. A matcher, and not a virtual host for each: Envoy tries the routes of one virtual
 * host alone, so every other route would have to stand in each of them again.
 */
export function hostMatcher(hosts: readonly string[]) {
  const names = hosts.map((host) => host.replaceAll('.', '\\.').replace(/^\*/, '[a-z0-9_.-]+'));
  return { name: ':authority', string_match: { safe_regex: { regex: `(?i)(${names.join('|')})\\.?(:[0-9]+)?` } } };
}

/** How much a host says: a name more than any with `*`, of those the longest, and all hosts nothing. */
export function hostSpecificity(host: string | undefined): number {
  return host === undefined ? 0 : host.startsWith('*') ? host.split('.').length : Number.MAX_SAFE_INTEGER;
}

/** Hosts that say equally much, together: for a name in one list, `*` in the same list says no more than in any other. */
export function hostsApart(hosts: readonly string[] | undefined): (readonly string[] | undefined)[] {
  const kinds = new Set(hosts?.map(hostSpecificity));
  return hosts ? [...kinds].map((kind) => hosts.filter((host) => hostSpecificity(host) === kind)) : [undefined];
}

/** Whether the first hosts are at least all of the second. */
export function coverHosts(ones: readonly string[] | undefined, others: readonly string[] | undefined): boolean {
  const covers = (one: string, other: string) => one === other || (one.startsWith('*') && other.endsWith(one.slice(1)));
  return ones === undefined || (others?.every((other) => ones.some((one) => covers(one, other))) ?? false);
}
