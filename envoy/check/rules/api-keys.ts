import { child, error, type Node, text } from '../message-reader';
import type { Rule } from '../rule';

/** A key comes from somewhere. */
export const apiKeySource: Rule = (messages) =>
  messages('envoy.extensions.filters.http.api_key_auth.v3.KeySource').flatMap((source) =>
    ['header', 'query', 'cookie'].some(
      (name) => text(child(source, name)) !== undefined || isObject(child(source, name)),
    )
      ? []
      : [error('api-key-source', source, 'says nothing; set header, query or cookie')],
  );

function isObject({ value }: Node): boolean {
  return typeof value === 'object' && value !== null;
}
