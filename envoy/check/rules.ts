import type { Rule } from './messages';

/** What Envoy's schema can't know, in the order in which it is looked for. */
export const rules: readonly Rule[] = [];
