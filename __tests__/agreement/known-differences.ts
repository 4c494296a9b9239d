/** What we refuse and Envoy accepts, and may. */
interface Reason {
  readonly rule: string;
  /** Where it may, if not everywhere: the path of our error. */
  readonly where?: RegExp;
  readonly why: string;
}

/** All else that we refuse has to be refused by Envoy, too. */
export const ONLY_WE_REFUSE: readonly Reason[] = [
  {
    rule: 'duplicate-key',
    why: 'Envoy takes the last value of a key that is there twice, and forgets the others.',
  },
  {
    rule: 'string.min_len',
    where: /^bootstrap_extensions\[\d+\]\.typed_config\.dynamic_module_config\.name$/,
    why: 'Envoy 1.37 does not look at a dynamic module of the bootstrap with `--mode validate`; the real start loads it.',
  },
  {
    rule: 'any.category',
    where: /^watchdogs\./,
    why: '`--mode validate` builds no watchdog; Envoy refuses it when it starts.',
  },
  {
    rule: 'any.category',
    where: /\.upstream_config\.typed_config/,
    why: 'Envoy looks for the connection pool of a cluster when the first request needs it.',
  },
  {
    rule: 'unique-address',
    why: 'Envoy takes a listener that is there twice, word for word, for one, and refuses it when anything differs.',
  },
  {
    rule: 'unique-listener',
    why: 'Envoy leaves out a listener whose name an earlier one has, and what is wrong in it.',
  },
  {
    rule: 'header-name',
    why: 'Envoy takes some names of headers that HTTP does not know; such a header is never met and can break what reads it.',
  },
  {
    rule: 'regex',
    where: /^(admin|stats_config\.stats_matcher)\./,
    why: 'The admin interface and the choice of statistics are not built by `--mode validate`, and fail when Envoy starts.',
  },
  {
    rule: 'regex-size',
    where: /^(admin|stats_config\.stats_matcher)\./,
    why: 'The same.',
  },
  {
    rule: 'cidr-range',
    where: /xff_trusted_cidrs/,
    why: 'Envoy drops such a range without a word, and trusts less than is written.',
  },
  {
    rule: 'fill-interval',
    why: 'Envoy rounds less than a millisecond down to nothing before it looks.',
  },
  {
    rule: 'cluster-exists',
    where: /api_config_source|ads_config/,
    why: '`--mode validate` does not connect; Envoy refuses it when it starts.',
  },
  {
    rule: 'transport-version',
    where: /api_config_source/,
    why: '`--mode validate` does not connect; Envoy refuses it when it starts.',
  },
  {
    rule: 'any.category',
    where: /\.http_filters\[\d+\]\.typed_config/,
    why: 'Envoy finds a filter also by the type of its settings for a route, and takes these for its own.',
  },
  {
    rule: 'any.category',
    where: /\.typed_per_filter_config\[/,
    why: 'Some filters take their own settings for those of a route, and make nothing of them.',
  },
  {
    rule: 'format-string',
    where: /\.redirect_uri$/,
    why: 'Before 1.40, Envoy does not read this format as it starts.',
  },
  {
    rule: 'extension-config',
    where: /\.grpc_service\.retry_policy\./,
    why: 'Envoy builds the retry policy of a gRPC service when the first request needs it, and dies of it.',
  },
  {
    rule: 'node-named',
    why: '`--mode validate` does not ask for listeners; Envoy refuses it when it starts.',
  },
  {
    rule: 'uint32.gte',
    where: /\.load_balancing_policy\.policies\[\d+\]\.typed_extension_config\.typed_config\./,
    why: 'Envoy does not hold the settings of a policy to the rules of its schema, and takes the least that makes sense.',
  },
  {
    rule: 'oneof.required',
    where: /\.load_balancing_policy\.policies\[\d+\]\.typed_extension_config\.typed_config\./,
    why: 'The same.',
  },
  {
    rule: 'enum.defined_only',
    where: /\.config_discovery\.config_source\./,
    why: "Envoy does not hold the place of a filter's settings to the rules of its schema, and takes an unknown version for its own.",
  },
];

/** The reason for one of our errors, where there is one. */
export function reasonFor(rule: string, path: string): Reason | undefined {
  return ONLY_WE_REFUSE.find((reason) => reason.rule === rule && (reason.where?.test(path) ?? true));
}

/** What Envoy refuses and nobody can know without the libraries that it has in it, by what it says. */
const BEYOND_US: readonly { readonly says: RegExp; readonly why: string }[] = [
  { says: /script load error|Failed to load lua code/, why: 'Whether a Lua script compiles, Lua knows.' },
  {
    says: /^unable to open file '[^']*': (No such file or directory|Is a directory|Permission denied|File name too long)$/,
    why: 'Which files can be written to, the machine knows that runs Envoy.',
  },
  {
    says: /^(Unable to parse descriptor expression|Not able to parse filter expression|failed to create an expression): /,
    why: 'Whether a CEL expression can be read, CEL knows.',
  },
  {
    says: /^(paths must refer to an existing path in the system|(unable to create data source ')?Invalid path): |^invalid file path |[Uu]nable to read from file|Failed to load dynamic module: /,
    why: 'Which files are there to be read, the machine knows that runs Envoy.',
  },
  {
    says: /^malformed IP address: [0-9a-fA-F:]+%\w+$/,
    why: 'Which interfaces there are, the machine knows that runs Envoy.',
  },
  {
    says: /[Uu]nable to parse proto descriptor/,
    why: 'What is in a descriptor, Protocol Buffers know.',
  },
  { says: /^Unable to create Wasm plugin/, why: 'What is in a module of WebAssembly, its runtime knows.' },
  {
    says: /^AWS region is not set in xDS configuration and failed to retrieve from environment/,
    why: 'Which region AWS is asked in, the environment knows that Envoy runs in.',
  },
  {
    says: /Creating HTTP filter factory from server factory context is not supported/,
    why: 'Which HTTP filters a route can have in a chain of its own, each filter knows.',
  },
  {
    says: /Failed to (load|initialize) (certificate chain|private key|trusted CA|incomplete (certificate|private key)|cipher suites|ECDH curves|TLS signature algorithms)/,
    why: 'What is in a certificate or a key, and the names of ciphers, curves and signatures, BoringSSL knows.',
  },
];

/** Why Envoy alone refuses something, where that has to be. */
export function beyondUs(said: string): string | undefined {
  return BEYOND_US.find(({ says }) => says.test(said))?.why;
}
