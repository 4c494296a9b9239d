// The only file that imports the toolkit, cdktf. For the entry `cdktf-envoy-sidecar/cdktn` the build copies lib, and writes
// cdktn's names of the packages into this file.
try {
  require('cdktf');
  require('@cdktf/provider-docker/lib/provider');
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== 'MODULE_NOT_FOUND') {
    throw error;
  }
  throw new Error(`${message.split('\n')[0]}
  'cdktf-envoy-sidecar' needs: npm install cdktf @cdktf/provider-docker constructs
  'cdktf-envoy-sidecar/cdktn' needs: npm install cdktn @cdktn/provider-docker constructs`);
}

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
