import { invalidOption } from '../../envoy/host-api';
import { assertDockerName } from '../docker/docker-names';
import { escapeText } from '../terraform/escape';
import type { ApiServiceProps } from './props';

/** Environment variables as Docker takes them. */
export function toEnv(env: NonNullable<ApiServiceProps['env']>): string[] {
  return Object.entries(env).map(([variable, value]) => {
    if (!/^[^=\0]+$/.test(variable)) {
      invalidOption(
        'env',
        'must have names that are not empty and hold no `=`',
        variable,
        "write for example 'LOG_LEVEL'",
      );
    }
    return escapeText(`${variable}=${value}`);
  });
}

/** Folders as the provider takes them. */
export function toVolumes(volumes: NonNullable<ApiServiceProps['volumes']>) {
  return Object.entries(volumes).map(([path, from]) => {
    if (!path.startsWith('/')) {
      const option = `volumes[${JSON.stringify(path)}]`;
      invalidOption(option, 'must be an absolute path inside the container', path, "write for example '/data'");
    }
    return {
      containerPath: escapeText(path),
      ...(from.startsWith('/') ? { hostPath: escapeText(from) } : { volumeName: assertDockerName('volumes', from) }),
    };
  });
}
