import { fail } from '../../envoy/host-api';
import { dockerName } from '../docker/docker-names';
import { terraformText } from '../terraform/escape';
import type { ApiServiceProps } from './props';

/** Environment variables as Docker takes them. */
export function environment(env: NonNullable<ApiServiceProps['env']>): string[] {
  return Object.entries(env).map(([variable, value]) => {
    if (!/^[^=\0]+$/.test(variable)) {
      fail('env', 'must have names that are not empty and hold no `=`', variable, "write for example 'LOG_LEVEL'");
    }
    return terraformText(`${variable}=${value}`);
  });
}

/** Folders as the provider takes them. */
export function apiVolumes(volumes: NonNullable<ApiServiceProps['volumes']>) {
  return Object.entries(volumes).map(([path, from]) => {
    if (!path.startsWith('/')) {
      const option = `volumes[${JSON.stringify(path)}]`;
      fail(option, 'must be an absolute path inside the container', path, "write for example '/data'");
    }
    return {
      containerPath: terraformText(path),
      ...(from.startsWith('/') ? { hostPath: terraformText(from) } : { volumeName: dockerName('volumes', from) }),
    };
  });
}
