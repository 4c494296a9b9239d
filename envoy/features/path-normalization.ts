import type { ProxyFragment, Refusal } from '../fragments/fragment';
import { CLIMBING_PATH, CONTROL_CHARACTER } from '../messages/resource-names';
import { invalidOption, oneOf, refuseUnknown } from '../options/validate';

/**
 * Normalizes each path, so that a rule for `/admin` also applies to `//admin` and `/x/../admin`. Envoy rejects paths that an
 * API may interpret differently, with 400:
 *
 * - Dots with parameters: Tomcat reads `/open/..;/closed` and `/%2e;/closed` as `/closed`.
 * - Control characters: FastAPI reads `/closed%0a` as `/closed`.
 * - `%u`: an older Jetty reads `%u002e` as a dot.
 *
 * The query string may contain all of these.
 */
export interface PathNormalizationOptions {
  /**
   * Decides about `%2F` and `%5C`, encoded slashes in a path. `redirect` sends the client to the decoded path. `reject`
   * answers 400, for gRPC and other strict clients. `keep` passes them on, for an API that needs them.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/best_practices/edge
   * @default 'redirect' - Envoy and the API then read the same path, and browsers follow
   */
  readonly escapedSlashes?: 'redirect' | 'reject' | 'keep';
  /**
   * Replaces `//` with `/`.
   *
   * @default true - most APIs treat both the same
   */
  readonly mergeSlashes?: boolean;
}

const ACTIONS = { redirect: 'UNESCAPE_AND_REDIRECT', reject: 'REJECT_REQUEST', keep: 'KEEP_UNCHANGED' } as const;

function proxy({
  escapedSlashes = 'redirect',
  mergeSlashes = true,
  ...unknown
}: PathNormalizationOptions): ProxyFragment {
  refuseUnknown('pathNormalization', unknown);
  oneOf('pathNormalization.escapedSlashes', escapedSlashes, ['redirect', 'reject', 'keep']);
  if (escapedSlashes === 'redirect' && !mergeSlashes) {
    // `/%2Fevil.example` would be redirected to `//evil.example`, which browsers take for another host.
    invalidOption(
      'pathNormalization.mergeSlashes',
      "must be true with escapedSlashes: 'redirect', or redirects lead to other hosts",
      mergeSlashes,
      "leave it, or write escapedSlashes: 'reject'",
    );
  }
  return {
    refusals: { [CLIMBING_PATH]: CLIMBS, [CONTROL_CHARACTER]: HAS_CONTROL_CHARACTER },
    connectionManager: {
      normalize_path: true,
      merge_slashes: mergeSlashes,
      path_with_escaped_slashes_action: ACTIONS[escapedSlashes],
    },
  };
}

/** The paths that contain this. `\C` is any byte, and `.` is not. Envoy has decoded `%2e` and encoded raw bytes by then. */
const containing = (regex: string): Refusal => ({
  permission: { url_path: { path: { safe_regex: { regex: `\\C*${regex}\\C*` } } } },
});

const CLIMBS = containing('/\\.\\.?(;|%3[bB])');

/**
 * The control characters of ASCII and Unicode (`%C2%80` to `%C2%9F`), the separators of lines and paragraphs (`%E2%80%A8`,
 * `%E2%80%A9`), and `%u`. `$` matches before a line feed at the end in Python and PHP, and in Java before each of Unicode's line ends.
 */
const HAS_CONTROL_CHARACTER = containing('%([01]|7[fF]|[uU]|[cC]2%[89]|[eE]2%80%[aA][89])');

export const pathNormalization = { onByDefault: true as const, proxy };
