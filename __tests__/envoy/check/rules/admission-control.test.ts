import { admission } from '../../../../envoy/check/rules/admission-control';
import { runRule } from './run-rule';

test('success is at least one in a hundred, and has statuses that there are', () => {
  const filter = 'envoy.extensions.filters.http.admission_control.v3.AdmissionControl';
  const threshold = (value: number) => ({ sr_threshold: { default_value: { value } } });
  expect(
    runRule(admission, {
      [filter]: [{}, threshold(0.9), threshold(1)],
      [`${filter}.SuccessCriteria.HttpCriteria`]: [
        {
          http_success_status: [
            { start: 100, end: 600 },
            { start: 99, end: 300 },
          ],
        },
      ],
      [`${filter}.SuccessCriteria.GrpcCriteria`]: [{ grpc_success_status: [0, 16, 17] }],
    }),
  ).toEqual([
    'error admission at AdmissionControl[1].sr_threshold.default_value.value: must be at least 1 %, got 0.9',
    'error admission at HttpCriteria[0].http_success_status[1]: is from 99 to before 300; stay within 100 and 600',
    'error admission at GrpcCriteria[0].grpc_success_status[2]: is no status of gRPC, got 17; they are 0 to 16',
  ]);
});
