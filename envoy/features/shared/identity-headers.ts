import type { Part } from '../../fragments/merge';
import type { HttpConnectionManager } from '../../messages/builders';
import { anySpelling, earlyHeaderMutation, removeMatching } from '../../messages/header-mutations';
import { invalidOption } from '../../options/validate';

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
  if (!/^[a-z0-9_-]+$/.test(name)) {
    invalidOption(at, 'must be a name of small letters, digits, - and _', name, "write for example 'x-user'");
  }
  if (places.includes(name) || NEEDED.includes(name)) {
    invalidOption(at, 'must be a header that clients need not send', name, "write for example 'x-user'");
  }
  return name;
}

/**
 * Takes the headers that only we set out of each request, once for all that name one. In each spelling: CGI and PHP read
 * `x_user`, `x.user` and `x-user` as one header.
 */
export function stripIdentityHeaders(
  parts: readonly Part<readonly string[]>[],
): Part<Partial<HttpConnectionManager>>[] {
  const headers = parts.flatMap(({ by, value }) =>
    value.map((header, index) => identityHeader(`${by}.identityHeaders[${index}]`, header, [])),
  );
  if (headers.length === 0) {
    return [];
  }
  const mutation = earlyHeaderMutation([...new Set(headers)].map((header) => removeMatching(anySpelling(header))));
  return [{ by: 'the core', value: { early_header_mutation_extensions: [mutation] } }];
}
