import { invalidOption } from './validate';

/** A name, or `*` for one or more labels before a name. */
const HOST = /^(\*\.)?[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?(\.[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?)*$/;

/** Refuses what no host is called, or what is no choice among them. */
export function checkHosts(hosts: readonly string[]): void {
  if (hosts.length === 0) {
    invalidOption('hosts', 'must name a host', hosts, 'leave it out for all hosts');
  }
  for (const [index, host] of hosts.entries()) {
    if (typeof host !== 'string' || !HOST.test(host)) {
      invalidOption(
        `hosts[${index}]`,
        "must be a name in lower case without a port, with '*.' before it for all names below",
        host,
        "write for example 'api.example.com' or '*.example.com', and leave hosts out for all",
      );
    }
    const first = hosts.indexOf(host);
    if (first < index) {
      invalidOption(`hosts[${index}]`, `is also hosts[${first}]`, host, 'leave it out');
    }
  }
}
