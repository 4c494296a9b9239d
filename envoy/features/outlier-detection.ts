import type { UpstreamFragment } from '../fragments/fragment';
import type { Server } from '../options/endpoints';
import { ejecting, type OutlierDetectionOptions } from './shared/outlier-detection';

function upstream(
  options: OutlierDetectionOptions,
  whole: OutlierDetectionOptions = {},
  _name = '',
  servers: readonly Server[] = [],
): UpstreamFragment {
  return ejecting({ ...whole, ...options }, servers);
}

export const outlierDetection = { onWithFallback: true as const, upstream };
