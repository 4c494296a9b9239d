import { App, TerraformStack } from 'cdktf';
import * as cdktn from 'cdktn';
import { ApiService, DockerNetwork, EnvoySidecar, GlobalRateLimit } from '../../lib';

const REMEDY = `import all from one toolkit:
  from 'cdktf', '@cdktf/provider-docker' and 'cdktf-envoy-sidecar', or
  from 'cdktn', '@cdktn/provider-docker' and 'cdktf-envoy-sidecar/cdktn'`;

const network = DockerNetwork.fromName('a-network');
const upstream = { host: 'api', port: 80, network };

describe('in a stack of cdktn is refused with the remedy', () => {
  test.each<[string, (stack: TerraformStack) => unknown]>([
    ['a DockerNetwork', (stack) => new DockerNetwork(stack, 'one')],
    ['an ApiService', (stack) => new ApiService(stack, 'one', { image: 'api:1', port: 80, network })],
    ['an EnvoySidecar', (stack) => new EnvoySidecar(stack, 'one', { upstream })],
    ['a GlobalRateLimit', (stack) => new GlobalRateLimit(stack, 'one', { network, limits: { total: '1/s' } })],
  ])('%s', (_, build) => {
    class Mine extends cdktn.TerraformStack {}
    expect(() => build(new Mine(new cdktn.App(), 'shop') as never)).toThrow(
      new Error(`shop/one: is a construct for cdktf, and 'shop' in the same stack is one of cdktn; ${REMEDY}`),
    );
  });
});

test('a provider of cdktn in a stack of cdktf is refused with the remedy', () => {
  const stack = new TerraformStack(new App(), 'shop');
  class Provider extends cdktn.TerraformProvider {}
  new Provider(stack, 'docker', { terraformResourceType: 'docker' });
  expect(() => new EnvoySidecar(stack, 'one', { upstream })).toThrow(
    new Error(`shop/one: is a construct for cdktf, and 'shop/docker' in the same stack is one of cdktn; ${REMEDY}`),
  );
});
