import { TerraformStack, Testing, Token } from 'cdktf';
import { Construct } from 'constructs';
import { dockerName, labels, nameOf } from '../../lib/names';

const rule = 'must be 2 to 63 letters, digits, `_`, `.` or `-`, and begin with a letter or digit';

describe('dockerName', () => {
  test.each(['my-api', 'a1', '0a', 'A_b.c-', 'a'.repeat(63)])('takes %s', (name) => {
    expect(dockerName('name', name)).toBe(name);
  });

  test.each(['', 'a', '-a', '.a', '_a', 'a b', 'a/b', 'ä1', 'a'.repeat(64), 'a\n', '${x}'])('refuses %j', (name) => {
    expect(() => dockerName('volumes', name)).toThrow(
      new Error(`volumes ${rule}, got ${JSON.stringify(name)}; write for example 'my-api'`),
    );
  });

  test('takes what only Terraform knows', () => {
    const token = Token.asString({ resolve: () => '${var.name}' });
    expect(dockerName('name', token)).toBe(token);
  });
});

describe('nameOf', () => {
  const stack = () => new TerraformStack(Testing.app(), 'Shop');

  test('is the name that was given', () => {
    expect(nameOf(new Construct(stack(), 'api'), 'given')).toBe('given');
  });

  test('is the path from the stack on, in lower case and of letters that Docker takes', () => {
    expect(nameOf(new Construct(new Construct(stack(), 'Order API'), 'api'), undefined)).toBe('shop-order-api-api');
  });

  test('refuses a path that is too long', () => {
    expect(() => nameOf(new Construct(stack(), 'x'.repeat(60)), undefined)).toThrow(
      new Error(`name ${rule}, got "shop-${'x'.repeat(60)}"; write for example 'my-api'`),
    );
  });
});

test('labels tell whose and what for, and cannot be taken away by those of a user', () => {
  expect(labels('calc', 'holder', { team: 'a', 'cdktf-envoy-sidecar.role': 'mine' })).toEqual([
    { label: 'team', value: 'a' },
    { label: 'cdktf-envoy-sidecar.role', value: 'holder' },
    { label: 'cdktf-envoy-sidecar.name', value: 'calc' },
  ]);
});
