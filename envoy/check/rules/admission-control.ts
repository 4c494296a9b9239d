import { error, getField, getItems, hasField, readNumber } from '../message-reader';
import type { Rule } from '../rule';

/** What counts as success for admission control. */
export const admission: Rule = (messages) => [
  ...messages('envoy.extensions.filters.http.admission_control.v3.AdmissionControl').flatMap((filter) => {
    const rate = getField(filter, 'sr_threshold', 'default_value', 'value');
    const value = readNumber(rate) ?? (hasField(filter, 'sr_threshold') && rate.value === undefined ? 0 : undefined);
    return value !== undefined && value < 1 ? [error('admission', rate, `must be at least 1 %, got ${value}`)] : [];
  }),
  ...messages('envoy.extensions.filters.http.admission_control.v3.AdmissionControl.SuccessCriteria.HttpCriteria')
    .flatMap((criteria) => getItems(criteria, 'http_success_status'))
    .flatMap((range) => {
      const [start, end] = ['start', 'end'].map((name) => readNumber(getField(range, name)) ?? 0) as [number, number];
      return start < 100 || end > 600 || start > end
        ? [error('admission', range, `is from ${start} to before ${end}; stay within 100 and 600`)]
        : [];
    }),
  ...messages('envoy.extensions.filters.http.admission_control.v3.AdmissionControl.SuccessCriteria.GrpcCriteria')
    .flatMap((criteria) => getItems(criteria, 'grpc_success_status'))
    .filter((status) => (readNumber(status) ?? 0) > 16)
    .map((status) => error('admission', status, `is no status of gRPC, got ${readNumber(status)}; they are 0 to 16`)),
];
