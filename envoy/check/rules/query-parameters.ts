import { child, error, has, items } from '../message-reader';
import type { Rule } from '../rule';

/** A change of a query parameter removes it, or adds text. */
export const queryParameter: Rule = (messages) =>
  messages('envoy.extensions.filters.http.header_mutation.v3.Mutations')
    .flatMap((mutations) => items(mutations, 'query_parameter_mutations'))
    .flatMap((mutation) => {
      const append = child(mutation, 'append');
      const value = child(append, 'record', 'value');
      const removes = child(mutation, 'remove').value !== '' && has(mutation, 'remove');
      if (removes === has(mutation, 'append')) {
        const wrong = removes ? 'both adds and removes' : 'neither adds nor removes anything';
        return [error('query-parameter', mutation, `${wrong}; set one of append and remove`)];
      }
      return removes || typeof value.value === 'string'
        ? []
        : [error('query-parameter', value, 'must be text; set it, in quotes')];
    });
