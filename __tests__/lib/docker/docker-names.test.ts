import { DockerProvider } from '@cdktf/provider-docker/lib/provider';
import { TerraformStack, Testing, Token } from 'cdktf';
import { Construct } from 'constructs';
import { assertDockerName, claimName, toLabels } from '../../../lib/docker/docker-names';

const rule = 'must be 2 to 63 letters, digits, `_`, `.` or `-`, and begin with a letter or digit';

describe('dockerName', () => {
  test.each(['my-api', 'a1', '0a', 'A_b.c-', 'a'.repeat(63)])('takes %s', (name) => {
    expect(assertDockerName('name', name)).toBe(name);
  });

  test.each(['', 'a', '-a', '.a', '_a', 'a b', 'a/b', 'ä1', 'a'.repeat(64), 'a\n', '${x}'])('refuses %j', (name) => {
    expect(() => assertDockerName('volumes', name)).toThrow(
      new Error(`volumes ${rule}, got ${JSON.stringify(name)}; write for example 'my-api'`),
    );
  });

  test('takes what only Terraform knows', () => {
    const token = Token.asString({ resolve: () => '${var.name}' });
    expect(assertDockerName('name', token)).toBe(token);
  });
});

describe('nameOf', () => {
  const stack = () => new TerraformStack(Testing.app(), 'Shop');

  test('is the name that was given', () => {
    expect(claimName(new Construct(stack(), 'api'), 'given')).toBe('given');
  });

  test('is the path from the stack on, in lower case and of letters that Docker takes', () => {
    expect(claimName(new Construct(new Construct(stack(), 'Order API'), 'api'), undefined)).toBe('shop-order-api-api');
  });

  test.each([
    [
      ['a', 'b-c'],
      ['a-b', 'c'],
    ],
    [['a b'], ['a-b']],
    [['API'], ['api']],
  ])('refuses what two paths make alike: %j and %j', (one, other) => {
    const top = stack();
    const at = (ids: string[]) => ids.reduce<Construct>((scope, id) => new Construct(scope, id), top);
    const name = claimName(at(one), undefined);
    expect(() => claimName(at(other), undefined)).toThrow(
      new Error(`name is also that of 'Shop/${one.join('/')}', got "${name}"; give one of them another`),
    );
  });

  test('takes a name that nobody has any more', () => {
    const top = stack();
    claimName(new Construct(new Construct(top, 'group'), 'api'), 'orders');
    top.node.tryRemoveChild('group');
    expect(claimName(new Construct(top, 'api'), 'orders')).toBe('orders');
  });

  test('takes one twice where a stack has two Docker hosts, as nobody knows yet who is where', () => {
    const top = stack();
    new DockerProvider(top, 'east');
    new DockerProvider(top, 'west', { alias: 'west' });
    claimName(new Construct(top, 'one'), 'orders');
    expect(claimName(new Construct(top, 'other'), 'orders')).toBe('orders');
  });

  test('refuses a name that is given twice, in whatever case: hosts have it alike', () => {
    const top = stack();
    claimName(new Construct(top, 'one'), 'Orders');
    expect(() => claimName(new Construct(top, 'other'), 'orders')).toThrow(
      new Error(`name is also that of 'Shop/one', got "orders"; give one of them another`),
    );
  });

  test('a network may be called like a container, and what is in another stack like anything', () => {
    const [top, other] = [stack(), stack()];
    for (const scope of [top, other]) {
      expect(claimName(new Construct(scope, 'api'), 'orders')).toBe('orders');
      expect(claimName(new Construct(scope, 'network'), 'orders', 'network')).toBe('orders');
    }
    expect(() => claimName(new Construct(top, 'net'), 'orders', 'network')).toThrow(/^name is also that of/);
  });

  test('names that only Terraform knows are not compared', () => {
    const top = stack();
    const token = Token.asString({ resolve: () => '${var.name}' });
    expect(['one', 'other'].map((id) => claimName(new Construct(top, id), token))).toEqual([token, token]);
  });

  test('refuses a path that is too long', () => {
    expect(() => claimName(new Construct(stack(), 'x'.repeat(60)), undefined)).toThrow(
      new Error(`name ${rule}, got "shop-${'x'.repeat(60)}"; write for example 'my-api'`),
    );
  });
});

test('labels tell whose and what for, and cannot be taken away by those of a user', () => {
  expect(toLabels('calc', 'pod-holder', { team: 'a', 'cdktf-envoy-sidecar.role': 'mine' })).toEqual([
    { label: 'team', value: 'a' },
    { label: 'cdktf-envoy-sidecar.role', value: 'pod-holder' },
    { label: 'cdktf-envoy-sidecar.name', value: 'calc' },
  ]);
});
