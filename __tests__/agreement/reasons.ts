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
    rule: 'unique-address',
    why: 'Envoy takes a listener that is there twice, word for word, for one, and refuses it when anything differs.',
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
    rule: 'any.category',
    where: /\.http_filters\[\d+\]\.typed_config/,
    why: 'Envoy finds a filter also by the type of its settings for a route, and takes these for its own.',
  },
];

/** The reason for one of our errors, where there is one. */
export function reasonFor(rule: string, path: string): Reason | undefined {
  return ONLY_WE_REFUSE.find((reason) => reason.rule === rule && (reason.where?.test(path) ?? true));
}
