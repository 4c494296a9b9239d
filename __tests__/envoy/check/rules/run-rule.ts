import type { FoundMessage, Rule } from '../../../../envoy/check/rule';
import { walk } from '../../../../envoy/check/walk/walk';
import { type Path, pathText } from '../../../../envoy/messages/path';
import { shapesOf } from '../../../../envoy/messages/schema/descriptors';
import { DEFAULT_VERSION, type EnvoyVersion } from '../../../../envoy/messages/schema/envoy-minors';
import { loadModel } from '../../../../envoy/messages/schema/load';
import { toCamelCase } from '../../../agreement/to-camel-case';
import type { Json } from '../../../agreement/tree';

/** Returns the load assignment of a cluster with one locality: an endpoint for each address, at port 80. */
export function assignmentOf(...addresses: readonly string[]) {
  const endpoints = addresses.map((address) => ({
    endpoint: { address: { socket_address: { address, port_value: 80 } } },
  }));
  return { endpoints: [{ lb_endpoints: endpoints }] };
}

/** Messages by type. The path of a message is `Cluster[0]`, unless it has another one in `at`. */
type MessagesByType = Readonly<Record<string, readonly object[]>>;

/**
 * Runs a rule on these messages, and gives a line for each problem. The messages go through the walk twice, in snake_case and
 * in camelCase: the rule must find the same.
 */
export function runRule(
  rule: Rule,
  messages: MessagesByType,
  version: EnvoyVersion = DEFAULT_VERSION,
): readonly string[] {
  const [inSnakeCase, inCamel] = [(value: Json) => value, camelCaseOf(version)].map((respell) => {
    const found = (type: string) => (messages[type] ?? []).map((message, index) => read(type, message, index, respell));
    return rule(found, version).map(
      ({ severity, rule: name, protoPath, message }) => `${severity} ${name} at ${pathText(protoPath)}: ${message}`,
    );
  });
  expect(inCamel).toEqual(inSnakeCase);
  return inSnakeCase ?? [];

  function read(type: string, message: object, index: number, respell: Respell): FoundMessage {
    const { at = [type.slice(type.lastIndexOf('.') + 1), index], ...value } = message as { readonly at?: Path };
    const walked = walk(loadModel(), version, respell(value as Json, type), type).messages(type);
    const root = walked.find(({ protoPath }) => protoPath.length === 0);
    return { value: root?.value ?? {}, protoPath: at };
  }
}

type Respell = (value: Json, type: string) => Json;

function camelCaseOf(version: EnvoyVersion): Respell {
  const shapes = shapesOf(loadModel(), version);
  return (value, type) => toCamelCase(shapes, value, type);
}
