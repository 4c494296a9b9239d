import { error, getField, hasField, readSeconds } from '../message-reader';
import type { Rule } from '../rule';

const ADAPTIVE = 'envoy.extensions.filters.http.adaptive_concurrency.v3.GradientControllerConfig';

/** A minimum of round-trip times is measured now and then, or given. Envoy reads whole milliseconds. */
export const adaptiveInterval: Rule = (messages) =>
  messages(`${ADAPTIVE}.MinimumRTTCalculationParams`).flatMap((params) => {
    if (hasField(params, 'interval')) {
      return [];
    }
    if (!hasField(params, 'fixed_value')) {
      return [error('adaptive-interval', params, 'says neither how often it measures nor what it takes; set interval')];
    }
    const fixed = getField(params, 'fixed_value');
    const seconds = readSeconds(fixed);
    return seconds !== undefined && seconds < 0.001
      ? [
          error(
            'adaptive-interval',
            fixed,
            `is '${fixed.value}', which Envoy rounds down to nothing; write at least 0.001s`,
          ),
        ]
      : [];
  });
