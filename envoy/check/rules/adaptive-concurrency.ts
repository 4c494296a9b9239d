import { error, hasField } from '../message-reader';
import type { Rule } from '../rule';

const ADAPTIVE = 'envoy.extensions.filters.http.adaptive_concurrency.v3.GradientControllerConfig';

/** A minimum of round-trip times is measured now and then, or given. */
export const adaptiveInterval: Rule = (messages) =>
  messages(`${ADAPTIVE}.MinimumRTTCalculationParams`).flatMap((params) =>
    hasField(params, 'interval') || hasField(params, 'fixed_value')
      ? []
      : [error('adaptive-interval', params, 'says neither how often it measures nor what it takes; set interval')],
  );
