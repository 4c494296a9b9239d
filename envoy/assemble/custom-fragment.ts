import type { features } from '../features/registry';
import type { ProxyFragment } from '../fragments/fragment';

/**
 * A fragment of your own, in Envoy's words, beside those of the features: filters, clusters, listeners, or anything that they
 * have a slot for. It is merged by the same rule (lists append, objects merge, a value set twice is an error) and checked
 * as all the rest.
 */
export interface CustomFragment extends Omit<ProxyFragment, 'refusals'> {
  /**
   * The feature before whose HTTP filters its own stand. The order decides who sees a request first.
   *
   * @default - after all features, right before the router
   */
  readonly before?: keyof typeof features;
  /**
   * The feature after whose HTTP filters its own stand.
   *
   * @default - after all features, right before the router
   */
  readonly after?: keyof typeof features;
}
