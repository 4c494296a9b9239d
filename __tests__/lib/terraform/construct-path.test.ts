import { TerraformStack, Testing } from 'cdktf';
import { DockerNetwork, EnvoySidecar } from '../../../lib';
import { Construct } from '../../../lib/cdk';
import { withConstructPath } from '../../../lib/terraform/construct-path';

const stack = () => new TerraformStack(Testing.app(), 'shop');

test('a refused option is named with its construct', () => {
  const orders = new Construct(stack(), 'orders');
  expect(() => new EnvoySidecar(orders, 'envoy', { upstream: { host: 'api', port: 80 }, port: 80 })).toThrow(
    /^shop\/orders\/envoy: port must be 1024 or above, /,
  );
});

test('so is what Envoy would refuse of the whole configuration', () => {
  const patch = () => ({ static_resources: { listeners: [{ nme: 'http' }] } }) as object;
  expect(() => new EnvoySidecar(stack(), 'envoy', { upstream: { host: 'api', port: 80 }, patch })).toThrow(
    /^shop\/envoy: Envoy 1\.\d+ would refuse this configuration:\n/,
  );
});

test('the first line of the stack says the same, and the rest leads to where it was refused', () => {
  const refusing = withConstructPath(
    class Refusing extends Construct {
      constructor(scope: Construct, id: string) {
        super(scope, id);
        throw new Error('a is $& wrong');
      }
    },
  );
  const refusal = () => new refusing(stack(), 'it');
  expect(refusal).toThrow(new Error('shop/it: a is $& wrong'));
  expect(refusal).toThrow(
    expect.objectContaining({
      stack: expect.stringMatching(/^Error: shop\/it: a is \$& wrong\n +at new Refusing .*construct-path\.test\.ts/),
    }),
  );
});

test('the class stays what it was: its name, what it inherits, and what inherits from it', () => {
  class Own extends DockerNetwork {
    public readonly own = this.name;
  }
  const own = new Own(stack(), 'net');
  expect(own).toBeInstanceOf(Own);
  expect(own).toBeInstanceOf(DockerNetwork);
  expect(own.own).toBe('shop-net');
  expect([DockerNetwork.name, Own.fromName('other').networkId]).toEqual(['DockerNetwork', 'other']);
});
