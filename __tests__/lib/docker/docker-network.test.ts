import { Network } from '@cdktf/provider-docker/lib/network';
import { TerraformVariable } from 'cdktf';
import { DockerNetwork, type DockerNetworkProps } from '../../../lib';
import { synth } from '../../helpers';

const made = (props?: DockerNetworkProps) => synth((stack) => new DockerNetwork(stack, 'net', props));

test('by default is a bridge to the outside, named by its path', () => {
  expect(made().at('net/Default')).toMatchObject({
    name: 'calc-net',
    driver: 'bridge',
    internal: false,
    ipv6: false,
    labels: [],
  });
});

test('lets Docker choose the addresses unless a subnet is given', () => {
  expect(made().at('net/Default')).not.toHaveProperty('ipam_config');
});

test.each<[DockerNetworkProps, Record<string, unknown>]>([
  [{ name: 'given' }, { name: 'given' }],
  [{ driver: 'macvlan' }, { driver: 'macvlan' }],
  [{ internal: true }, { internal: true }],
  [{ ipv6: true }, { ipv6: true }],
  [{ subnet: '10.20.0.0/24' }, { ipam_config: [{ subnet: '10.20.0.0/24' }] }],
  [{ subnet: 'fd00::/64' }, { ipam_config: [{ subnet: 'fd00::/64' }] }],
  [{ labels: { team: 'a ${b}' } }, { labels: [{ label: 'team', value: 'a $${b}' }] }],
])('%j', (props, expected) => {
  expect(made(props).json).toHaveResourceWithProperties(Network, expected);
});

test('is referred to by its id, since two may share a name while one replaces the other', () => {
  const { json } = synth((stack) => {
    const { networkId } = new DockerNetwork(stack, 'net');
    new Network(stack, 'other', { name: networkId });
  });
  expect(json).toHaveResourceWithProperties(Network, { name: '${docker_network.net.id}' });
});

test('says whether it is internal, and what it is called', () => {
  synth((stack) => {
    const { internal, name, network } = new DockerNetwork(stack, 'net', { internal: true });
    expect([internal, name, network.friendlyUniqueId]).toEqual([true, 'calc-net', 'net']);
  });
});

test('a subnet may be what only Terraform knows', () => {
  const { json } = synth((stack) => {
    const subnet = new TerraformVariable(stack, 'subnet', { type: 'string' }).stringValue;
    new DockerNetwork(stack, 'net', { subnet });
  });
  expect(json).toHaveResourceWithProperties(Network, { ipam_config: [{ subnet: '${var.subnet}' }] });
});

test('fromName refers to one that is there already, and makes none', () => {
  expect(DockerNetwork.fromName('shared')).toEqual({ networkId: 'shared', internal: false });
  expect(DockerNetwork.fromName('shared', { internal: true })).toEqual({ networkId: 'shared', internal: true });
});

test('lets the stack take any provider from the version of the bindings to 4.x', () => {
  let bindings: string | undefined;
  const { json } = synth((stack) => {
    bindings = new DockerNetwork(stack, 'net').network.terraformGeneratorMetadata?.providerVersion;
  });
  // cdktf's and cdktn's.
  expect(['3.6.2', '4.6.0']).toContain(bindings);
  expect(JSON.parse(json).terraform.required_providers.docker).toEqual({
    source: 'kreuzwerker/docker',
    version: `>= ${bindings}, < 5.0.0`,
  });
});

const illegal = 'must be 2 to 63 letters, digits, `_`, `.` or `-`, and begin with a letter or digit';
test.each<[DockerNetworkProps, string]>([
  [{ name: '' }, `name ${illegal}, got ""; write for example 'my-api'`],
  [{ name: 'my net' }, `name ${illegal}, got "my net"; write for example 'my-api'`],
  [
    { subnet: '10.20.0.0' },
    `subnet must be an address and a prefix length, got "10.20.0.0"; write for example '10.20.0.0/24'`,
  ],
  [{ intern: true } as never, "intern is not an option, got true; remove it (did you mean 'internal'?)"],
])('refuses %j', (props, message) => {
  expect(() => made(props)).toThrow(new Error(`calc/net: ${message}`));
});

test('fromName refuses an empty name and an unknown option', () => {
  expect(() => DockerNetwork.fromName('')).toThrow(new Error(`name ${illegal}, got ""; write for example 'my-api'`));
  expect(() => DockerNetwork.fromName('shared', { driver: 'bridge' } as never)).toThrow(
    new Error('driver is not an option, got "bridge"; remove it'),
  );
});
