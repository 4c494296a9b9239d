import { plainAddress } from '../../options/ip';
import { error, getField, getItems, hasField, type Node, readNumber, readText, warning } from '../message-reader';
import type { Rule } from '../rule';
import { HTTP_CONNECTION_MANAGER, TLS } from './message-types';

/** Reports each name that was there before, with the place of the first one. */
function reportRepeated(names: readonly Node[], report: (name: Node, value: string) => ReturnType<typeof error>) {
  const seen = new Set<string>();
  return names.flatMap((node) => {
    const name = readText(node);
    if (name === undefined) {
      return [];
    }
    const again = seen.has(name);
    seen.add(name);
    return again ? [report(node, name)] : [];
  });
}

/** Clusters by their names. */
export const uniqueClusters: Rule = (messages) =>
  reportRepeated(
    messages('envoy.config.cluster.v3.Cluster').map((cluster) => getField(cluster, 'name')),
    (node, name) => error('unique-cluster', node, `is '${name}' as another cluster is; give each a name of its own`),
  );

/** Listeners by their names: of two, Envoy leaves out the later one without a word. */
export const uniqueListeners: Rule = (messages) =>
  reportRepeated(
    messages('envoy.config.listener.v3.Listener').map((listener) => getField(listener, 'name')),
    (node, name) =>
      warning(
        'unique-listener',
        node,
        `is '${name}' as a listener before is, so that Envoy leaves this one out; rename one of them`,
      ),
  );

/** Addresses of listeners. Port 0 is any free one. */
export const uniqueAddresses: Rule = (messages) => {
  const seen = new Map<string, Node>();
  return messages('envoy.config.listener.v3.Listener').flatMap((listener) => {
    const addresses = [
      getField(listener, 'address'),
      ...getItems(listener, 'additional_addresses').map((additional) => getField(additional, 'address')),
    ];
    return addresses.flatMap((address) => {
      const socket = getField(address, 'socket_address');
      const host = readText(getField(socket, 'address'));
      const port = readNumber(getField(socket, 'port_value'));
      if (host === undefined || port === undefined || port === 0) {
        return [];
      }
      const protocol = getField(socket, 'protocol').value === 'UDP' ? 'UDP' : 'TCP';
      const key = [protocol, plainAddress(host), port, readText(getField(socket, 'network_namespace_filepath'))].join(
        ' ',
      );
      const first = seen.get(key);
      seen.set(key, first ?? listener);
      return first !== undefined && first !== listener
        ? [
            error(
              'unique-address',
              socket,
              `is ${host} port ${port}, where another listener listens; choose another address or port`,
            ),
          ]
        : [];
    });
  });
};

/** Domains of the virtual hosts of one route configuration: Envoy compares them in lower case. */
export const uniqueDomains: Rule = (messages) =>
  messages('envoy.config.route.v3.RouteConfiguration').flatMap((routes) => {
    const seen = new Set<string>();
    return getItems(routes, 'virtual_hosts').flatMap((host) =>
      getItems(host, 'domains').flatMap((domain) => {
        const name = readText(domain)?.toLowerCase();
        if (name === undefined) {
          return [];
        }
        const again = seen.has(name);
        seen.add(name);
        return again
          ? [
              error(
                'unique-domain',
                domain,
                `is '${domain.value}', which is taken by a virtual host before; name each domain once`,
              ),
            ]
          : [];
      }),
    );
  });

/** Secrets by kind and name. */
export const uniqueSecrets: Rule = (messages) =>
  ['tls_certificate', 'validation_context', 'session_ticket_keys', 'generic_secret'].flatMap((kind) =>
    reportRepeated(
      messages(`${TLS}.Secret`)
        .filter((secret) => hasField(secret, kind))
        .map((secret) => getField(secret, 'name')),
      (node, name) => error('unique-secret', node, `is '${name}' as another ${kind} is; give each a name of its own`),
    ),
  );

/** Bounds of circuit breakers by priority: of two, Envoy reads the first alone. */
export const uniqueThresholds: Rule = (messages) =>
  messages('envoy.config.cluster.v3.CircuitBreakers').flatMap((breakers) =>
    ['thresholds', 'per_host_thresholds'].flatMap((list) =>
      reportRepeated(
        getItems(breakers, list).map((bounds) => ({
          value: getField(bounds, 'priority').value ?? 'DEFAULT',
          protoPath: bounds.protoPath,
        })),
        (bounds, priority) =>
          warning(
            'unique-threshold',
            bounds,
            `are for priority ${priority} as bounds before are, so that Envoy ignores these; write them there`,
          ),
      ),
    ),
  );

/** Local rate limit descriptors, upgrade types and API keys, which Envoy keeps by what they say. */
export const uniqueEntries: Rule = (messages) => [
  ...messages('envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit').flatMap((limit) => {
    const seen = new Set<string>();
    return getItems(limit, 'descriptors').flatMap((descriptor) => {
      const key = JSON.stringify(getField(descriptor, 'entries').value);
      const again = seen.has(key);
      seen.add(key);
      return again
        ? [error('unique-descriptor', descriptor, `counts ${key} as a descriptor before does; remove one of them`)]
        : [];
    });
  }),
  ...[HTTP_CONNECTION_MANAGER, 'envoy.config.route.v3.RouteAction'].flatMap((type) =>
    messages(type).flatMap((user) =>
      reportRepeated(
        getItems(user, 'upgrade_configs').map((upgrade) => {
          const type = getField(upgrade, 'upgrade_type');
          return { value: readText(type)?.toLowerCase(), protoPath: type.protoPath };
        }),
        (node, name) => error('unique-upgrade', node, `is '${name}', which is there before; remove one of them`),
      ),
    ),
  ),
  ...messages('envoy.extensions.filters.network.redis_proxy.v3.RedisProxy.PrefixRoutes').flatMap((routes) =>
    reportRepeated(
      getItems(routes, 'routes').map((route) => getField(route, 'prefix')),
      (node, name) => error('unique-prefix', node, `is '${name}', which is there before; remove one of them`),
    ),
  ),
  ...messages('envoy.extensions.filters.http.api_key_auth.v3.ApiKeyAuth').flatMap((auth) =>
    reportRepeated(
      getItems(auth, 'credentials').map((credential) => getField(credential, 'key')),
      // The key itself is a secret: it is not shown.
      (node) => error('unique-api-key', node, 'is the key of another client too; give each client its own'),
    ),
  ),
];
