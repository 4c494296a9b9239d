import { error, getEntries, getMessageType, type Node, quoteNames } from '../message-reader';
import type { Rule } from '../rule';
import { PROTOCOL_OPTIONS } from '../walk/protocol-options';

const HTTP_OPTIONS = 'envoy.extensions.upstreams.http.v3.HttpProtocolOptions';

/** How a cluster speaks HTTP, where that is said. */
export function findHttpOptions(cluster: Node): Node | undefined {
  return getEntries(cluster, 'typed_extension_protocol_options')
    .map(([, options]) => options)
    .find((options) => getMessageType(options) === HTTP_OPTIONS);
}

/** Envoy finds the options of a protocol by the key that they stand under, and not by their type. */
export const protocolOptionsName: Rule = (messages) =>
  messages('envoy.config.cluster.v3.Cluster').flatMap((cluster) =>
    getEntries(cluster, 'typed_extension_protocol_options')
      .filter(([key]) => !Object.hasOwn(PROTOCOL_OPTIONS, key))
      .map(([, options]) => {
        const type = getMessageType(options);
        const [meant] = Object.entries(PROTOCOL_OPTIONS).find(([, each]) => each === type) ?? [];
        const remedy =
          meant === undefined ? `use one of ${quoteNames(Object.keys(PROTOCOL_OPTIONS))}` : `call it '${meant}'`;
        return error('protocol-options-name', options, `is under a key that Envoy does not know; ${remedy}`);
      }),
  );
