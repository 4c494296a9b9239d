import { error, getField, isFilled } from '../message-reader';
import type { Rule } from '../rule';

/** A key comes from somewhere. */
export const apiKeySource: Rule = (messages) =>
  messages('envoy.extensions.filters.http.api_key_auth.v3.KeySource').flatMap((source) =>
    ['header', 'query', 'cookie'].some((name) => isFilled(getField(source, name)))
      ? []
      : [error('api-key-source', source, 'says nothing; set header, query or cookie')],
  );
