/**
 * Matches the host that a client asked for. HTTP/1.1's `Host` header is in `:authority`, too. Clients write the host in either
 * case, with any port, and may end it with a dot. Envoy joins two `Host` headers with a comma, which matches no name.
 *
 * This is a header matcher, not a virtual host per name: Envoy tries the routes of one virtual host alone, so each virtual host
 * would have to repeat all other routes.
 */
export function toHostMatcher(hosts: readonly string[]) {
  const names = hosts.map((host) => host.replaceAll('.', '\\.').replace(/^\*/, '[a-z0-9_.-]+'));
  return { name: ':authority', string_match: { safe_regex: { regex: `(?i)(${names.join('|')})\\.?(:[0-9]+)?` } } };
}

/** How much a host says: a name more than any with `*`, of those the longest, and all hosts nothing. */
export function hostSpecificity(host: string | undefined): number {
  return host === undefined ? 0 : host.startsWith('*') ? host.split('.').length : Number.MAX_SAFE_INTEGER;
}

/** Hosts that say equally much, together: for a name in one list, `*` in the same list says no more than in any other. */
export function splitBySpecificity(hosts: readonly string[] | undefined): (readonly string[] | undefined)[] {
  const kinds = new Set(hosts?.map(hostSpecificity));
  return hosts ? [...kinds].map((kind) => hosts.filter((host) => hostSpecificity(host) === kind)) : [undefined];
}

/** Whether the first hosts are at least all of the second. */
export function coversHosts(ones: readonly string[] | undefined, others: readonly string[] | undefined): boolean {
  const covers = (one: string, other: string) => one === other || (one.startsWith('*') && other.endsWith(one.slice(1)));
  return ones === undefined || (others?.every((other) => ones.some((one) => covers(one, other))) ?? false);
}
