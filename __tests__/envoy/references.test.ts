import { Token } from 'cdktf';
import { isReference } from '../../envoy/references';

test('a reference is a text in which the toolkit put one', () => {
  const token = Token.asString({ resolve: () => 'later' });
  expect([token, `http://${token}/`, '${var.x}', 'api', 80, undefined].map(isReference)).toEqual([
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});
