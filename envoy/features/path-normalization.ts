import type { ProxyFragment } from '../fragment';
import { refused } from '../malformed';
import { CLIMBING_PATH, CLIMBING_PATH_FILTER } from '../names';
import { fail, oneOf, refuseUnknown } from '../values';

/**
 * One spelling for each path, so that a rule about `/admin` also means `//admin` and `/x/../admin`. A path with `/..;` gets 400:
 * servers that cut parameters off each segment, as Tomcat, read `/open/..;/closed` as `/closed`.
 */
export interface PathNormalizationOptions {
  /**
   * What becomes of `%2F` and `%5C`, slashes that hide in a path: `redirect` answers with the plain path,
   * `reject` answers 400 (for gRPC and other strict clients), `keep` passes them on, for an API that needs them.
   * Redirect by default: Envoy and the API then read the same path, and browsers follow.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/configuration/best_practices/edge
   * @default 'redirect'
   */
  readonly escapedSlashes?: 'redirect' | 'reject' | 'keep';
  /**
   * Whether `//` becomes `/`. On, since most APIs read them alike.
   *
   * @default true
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
    fail(
      'pathNormalization.mergeSlashes',
      "must be true with escapedSlashes: 'redirect', or redirects lead to other hosts",
      mergeSlashes,
      "leave it, or write escapedSlashes: 'reject'",
    );
  }
  const climbing = refused(CLIMBING_PATH_FILTER, CLIMBING_PATH, CLIMBS);
  return {
    ...climbing,
    connectionManager: {
      ...climbing.connectionManager,
      normalize_path: true,
      merge_slashes: mergeSlashes,
      path_with_escaped_slashes_action: ACTIONS[escapedSlashes],
    },
  };
}

/** Envoy writes `%2e` as a dot before it gets here, and a semicolon as it came. No regex: `.` doesn't fit every byte. */
const CLIMBS = {
  or_rules: {
    rules: ['/..;', '/..%3b'].map((contains) => ({ url_path: { path: { contains, ignore_case: true } } })),
  },
};

export const pathNormalization = { onByDefault: true as const, proxy };
