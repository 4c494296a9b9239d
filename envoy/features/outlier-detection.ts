import type { UpstreamFragment } from '../fragments/fragment';
import type { UpstreamContext } from './feature';
import { ejecting, type OutlierDetectionOptions } from './shared/outlier-detection';

function upstream(
  options: OutlierDetectionOptions,
  { inherited = {}, servers = [] }: Partial<UpstreamContext<OutlierDetectionOptions>> = {},
): UpstreamFragment {
  return ejecting({ ...inherited, ...options }, servers);
}

export const outlierDetection = { onWithFallback: true as const, upstream };
