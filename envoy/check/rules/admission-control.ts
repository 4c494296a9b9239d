import { child, error, has, items, number } from '../message-reader';
import type { Rule } from '../rule';

/** What counts as success for admission control. */
export const admission: Rule = (messages) => [
  ...messages('envoy.extensions.filters.http.admission_control.v3.AdmissionControl').flatMap((filter) => {
    const rate = child(filter, 'sr_threshold', 'default_value', 'value');
    const value = number(rate) ?? (has(filter, 'sr_threshold') && rate.value === undefined ? 0 : undefined);
    return value !== undefined && value < 1 ? [error('admission', rate, `must be at least 1 %, got ${value}`)] : [];
  }),
  ...messages('envoy.extensions.filters.http.admission_control.v3.AdmissionControl.SuccessCriteria.HttpCriteria')
    .flatMap((criteria) => items(criteria, 'http_success_status'))
    .flatMap((range) => {
      const [start, end] = ['start', 'end'].map((name) => number(child(range, name)) ?? 0) as [number, number];
      return start < 100 || end > 600 || start > end
        ? [error('admission', range, `is from ${start} to before ${end}; stay within 100 and 600`)]
        : [];
    }),
  ...messages('envoy.extensions.filters.http.admission_control.v3.AdmissionControl.SuccessCriteria.GrpcCriteria')
    .flatMap((criteria) => items(criteria, 'grpc_success_status'))
    .filter((status) => (number(status) ?? 0) > 16)
    .map((status) => error('admission', status, `is no status of gRPC, got ${number(status)}; they are 0 to 16`)),
];
