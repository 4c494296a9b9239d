// The only file that imports the toolkit: a move to another (cdktn, newer bindings) is made here.
export { Container, type ContainerConfig } from '@cdktf/provider-docker/lib/container';
export { Image } from '@cdktf/provider-docker/lib/image';
export { Network } from '@cdktf/provider-docker/lib/network';
export { Volume } from '@cdktf/provider-docker/lib/volume';
export {
  Annotations,
  Fn,
  type ITerraformDependable,
  Op,
  TerraformLocal,
  TerraformProvider,
  TerraformResource,
  type TerraformResourceLifecycle,
  TerraformStack,
  Token,
  Tokenization,
} from 'cdktf';
export { Construct } from 'constructs';
