import type { ProxyFragment } from '../fragment';
import { fail, oneOf, refuseUnknown } from '../values';

/** One spelling for each path, so that a rule about `/admin` also means `//admin` and `/x/../admin`. */
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
  return {
    connectionManager: {
      normalize_path: true,
      merge_slashes: mergeSlashes,
      path_with_escaped_slashes_action: ACTIONS[escapedSlashes],
    },
  };
}

export const pathNormalization = { onByDefault: true as const, proxy };
