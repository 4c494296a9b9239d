import { error, getField, getItems, hasField } from '../message-reader';
import type { Rule } from '../rule';

/** A change of a query parameter removes it, or adds text. */
export const queryParameter: Rule = (messages) =>
  messages('envoy.extensions.filters.http.header_mutation.v3.Mutations')
    .flatMap((mutations) => getItems(mutations, 'query_parameter_mutations'))
    .flatMap((mutation) => {
      const append = getField(mutation, 'append');
      const value = getField(append, 'record', 'value');
      const removes = getField(mutation, 'remove').value !== '' && hasField(mutation, 'remove');
      if (removes === hasField(mutation, 'append')) {
        const wrong = removes ? 'both adds and removes' : 'neither adds nor removes anything';
        return [error('query-parameter', mutation, `${wrong}; set one of append and remove`)];
      }
      return removes || typeof value.value === 'string'
        ? []
        : [error('query-parameter', value, 'must be text; set it, in quotes')];
    });
