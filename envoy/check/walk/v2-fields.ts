/** A field of API v2 that API v3 has in another form. */
interface V2Field {
  /** The field of API v3 in its place. */
  readonly replacement: string;
  /** What the old value comes to, so that the rest can be checked; nothing where it says nothing of the rest. */
  readonly convert: (value: unknown) => unknown;
  readonly remedy: string;
}

const nothing = () => ({});

const CONFIG: V2Field = {
  replacement: 'typed_config',
  convert: nothing,
  remedy: 'write typed_config, with the "@type" of its message',
};
const TLS_CONTEXT: V2Field = {
  replacement: 'transport_socket',
  convert: nothing,
  remedy: 'write transport_socket, with a TLS context as its typed_config',
};

/** By the message, then the field. */
const V2_FIELDS: Readonly<Record<string, Readonly<Record<string, V2Field>>>> = {
  'envoy.config.cluster.v3.Cluster': {
    hosts: {
      replacement: 'load_assignment',
      convert: (hosts) => ({
        endpoints: [
          { lb_endpoints: (Array.isArray(hosts) ? hosts : [hosts]).map((address) => ({ endpoint: { address } })) },
        ],
      }),
      remedy: 'write load_assignment, with an lb_endpoint for each of them',
    },
    tls_context: TLS_CONTEXT,
  },
  'envoy.config.listener.v3.FilterChain': { tls_context: TLS_CONTEXT },
  'envoy.config.route.v3.RouteMatch': {
    regex: { replacement: 'safe_regex', convert: nothing, remedy: 'write safe_regex: { regex }' },
  },
};

/** What holds an extension: each had `config` without a type. */
const EXTENSION =
  /Filter$|^AccessLog$|^TransportSocket$|^Http$|^StatsSink$|^ResourceMonitor$|^CustomHealthCheck$|^RetryHostPredicate$|^RetryPriority$|^CustomClusterType$/;

/** The field of API v2 that somebody means here, if it is one. */
export function findV2Field(type: string, name: string, key: string): V2Field | undefined {
  if (key === 'config' && EXTENSION.test(name)) {
    return CONFIG;
  }
  const fields = Object.hasOwn(V2_FIELDS, type) ? V2_FIELDS[type] : undefined;
  return fields && Object.hasOwn(fields, key) ? fields[key] : undefined;
}
