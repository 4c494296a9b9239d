/**
 * What we refuse and Envoy accepts, by the rule, with the reason. A rule that isn't here may refuse only what Envoy
 * refuses, too.
 */
export const ONLY_WE_REFUSE: Readonly<Record<string, string>> = {};
