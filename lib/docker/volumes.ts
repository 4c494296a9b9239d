import { CONFIG_FOLDER, invalidOption, refuseUnknown } from '../../envoy/host-api';
import { escapeText } from '../terraform/escape';

/** Where the init container puts a copy of the revision's files for the standby. */
export const STANDBY_FOLDER = '/standby';

/** A folder that Envoy reads and another program writes, such as certificates that are renewed. Envoy mounts it read-only. */
export interface VolumeMount {
  /**
   * The folder on the Docker host. Mount a folder, not a file: a mounted file stays the same one when another file takes its name.
   *
   * @default - none
   */
  readonly hostPath?: string;
  /**
   * The name of a Docker volume, instead of a `hostPath`.
   *
   * @default - none
   */
  readonly volumeName?: string;
  /**
   * The path of the folder inside the container.
   *
   * @example '/tls'
   */
  readonly containerPath: string;
}

/** Folders as the provider takes them. */
export function toMounts(volumes: readonly VolumeMount[]) {
  return volumes.map(({ hostPath, volumeName, containerPath, ...unknown }, index) => {
    const at = `volumes[${index}]`;
    refuseUnknown(at, unknown);
    if ((hostPath === undefined) === (volumeName === undefined)) {
      const got = { hostPath, volumeName };
      invalidOption(at, 'must have either a hostPath or a volumeName', got, 'name the folder or the volume');
    }
    if (hostPath !== undefined && !/^\/|^\$\{TfToken\[/.test(hostPath)) {
      invalidOption(
        `${at}.hostPath`,
        'must be an absolute path of the Docker host',
        hostPath,
        "write for example '/srv/tls'",
      );
    }
    if (!/^(\/(?!\.{1,2}(\/|$))[^/]+)+$/.test(containerPath)) {
      const remedy = "write for example '/tls'";
      invalidOption(
        `${at}.containerPath`,
        'must be the absolute path of a folder inside the container',
        containerPath,
        remedy,
      );
    }
    const taken = [CONFIG_FOLDER, STANDBY_FOLDER, ...volumes.slice(0, index).map((other) => other.containerPath)];
    const other = taken.find((one) => isWithin(one, containerPath) || isWithin(containerPath, one));
    if (other !== undefined) {
      invalidOption(`${at}.containerPath`, `must not overlap '${other}'`, containerPath, 'mount it elsewhere');
    }
    return {
      ...(hostPath !== undefined && { hostPath: escapeText(hostPath) }),
      ...(volumeName !== undefined && { volumeName: escapeText(volumeName) }),
      containerPath: escapeText(containerPath),
      readOnly: true,
    };
  });
}

export type Mount = ReturnType<typeof toMounts>[number];

const isWithin = (folder: string, path: string) => path === folder || path.startsWith(`${folder}/`);
