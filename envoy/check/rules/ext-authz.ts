import { error, getField, readText } from '../message-reader';
import type { Rule } from '../rule';

/** One path of the authorization service, or one in front of each. */
export const authzPath: Rule = (messages) =>
  messages('envoy.extensions.filters.http.ext_authz.v3.HttpService').flatMap((service) => {
    const paths = ['path_prefix', 'path_override'].map((field) => getField(service, field));
    const set = paths.filter((path) => readText(path) !== undefined);
    return set.length > 1
      ? [error('authz-path', service, 'has both path_prefix and path_override; keep one of them')]
      : set
          .filter((path) => readText(path)?.startsWith('/') === false)
          .map((path) => error('authz-path', path, `must begin with '/', got '${path.value}'; write '/${path.value}'`));
  });
