import { error, getField, readText } from '../message-reader';
import type { Rule } from '../rule';

/** Users are lines of `htpasswd -s`: Envoy knows SHA-1 alone. No hash is shown. */
export const basicAuthUsers: Rule = (messages) =>
  ['BasicAuth', 'BasicAuthPerRoute'].flatMap((type) =>
    messages(`envoy.extensions.filters.http.basic_auth.v3.${type}`).flatMap((auth) => {
      const node = getField(auth, 'users', 'inline_string');
      if (node.value === '') {
        return [
          error('basic-auth-users', node, "is empty; write a line 'name:{SHA}...' for each user, by htpasswd -s"),
        ];
      }
      const seen = new Set<string>();
      return (readText(node)?.split('\n') ?? []).flatMap((line, index) => {
        const fault = checkLine(line, seen);
        return fault === undefined ? [] : [error('basic-auth-users', node, `line ${index + 1} ${fault}`)];
      });
    }),
  );

function checkLine(line: string, seen: Set<string>): string | undefined {
  if (line === '' || line.startsWith('#')) {
    return undefined;
  }
  if (line.endsWith('\r')) {
    return 'ends with CR LF; end it with LF alone';
  }
  const [, name, hash = ''] = /^([^:]+):(.*)$/.exec(line) ?? [];
  if (name === undefined) {
    return "has no 'name:hash'; make it by htpasswd -s";
  }
  if (!hash.startsWith('{SHA}') || hash.length !== 33) {
    return 'has a hash that is no {SHA} with 28 characters behind; make it by htpasswd -s';
  }
  const again = seen.has(name);
  seen.add(name);
  return again ? `names '${name}' again; name each user once` : undefined;
}
