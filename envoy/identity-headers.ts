import { extension } from './api';
import { fail } from './values';

const HEADER = /^[a-z0-9_-]+$/;

/** The name of a header, as Envoy compares it. */
export function headerName(at: string, name: string): string {
  if (!HEADER.test(name)) {
    fail(at, 'must be a name of small letters, digits, - and _', name, "write for example 'x-user'");
  }
  return name;
}

/** What a request can't do without. */
const NEEDED = [
  'authorization',
  'connection',
  'content-length',
  'content-type',
  'cookie',
  'host',
  'te',
  'transfer-encoding',
  'upgrade',
];

/**
 * A header in which the API is told who a client is.
 *
 * @param places - the headers in which clients show who they are
 */
export function identityHeader(at: string, name: string, places: readonly string[]): string {
  headerName(at, name);
  if (places.includes(name) || NEEDED.includes(name)) {
    fail(at, 'must be a header that clients need not send', name, "write for example 'x-user'");
  }
  return name;
}

/**
 * Takes these headers out of each request before anything looks at it, whatever its route. In each spelling, as many APIs read
 * `x_user` and `x-user` as one header.
 */
export function withoutHeaders(headers: readonly string[]) {
  return extension(
    'envoy.http.early_header_mutation.header_mutation',
    'envoy.extensions.http.early_header_mutation.header_mutation.v3.HeaderMutation',
    {
      mutations: headers.map((header) =>
        /[-_]/.test(header)
          ? { remove_on_match: { key_matcher: { safe_regex: { regex: header.replaceAll(/[-_]/g, '[-_]') } } } }
          : { remove: header },
      ),
    },
  );
}
