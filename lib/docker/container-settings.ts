import type { Bytes, Duration } from '../../envoy';
import { bytes, invalidOption, positiveWholeSeconds } from '../../envoy/host-api';

/** Logs end at 3 files of 10 MB: Docker's own default fills the disk. */
export const LOG_ROTATION = { logDriver: 'json-file', logOpts: { 'max-size': '10m', 'max-file': '3' } };

/** What a container has that needs nothing of the host: no capability, no way to gain one, no root. */
export const HARDENED_SETTINGS = {
  capabilities: { drop: ['ALL'] },
  securityOpts: ['no-new-privileges:true'],
  // The provider has no pids limit. This bound is Docker's `ulimit nproc`: one count for all processes and threads
  // of that user on the host, so wide enough for many sidecars and still an end to a fork bomb.
  ulimit: [{ name: 'nproc', soft: 4_096, hard: 4_096 }],
};

/** Memory as the provider takes it, in whole MiB, swap forbidden: swapping is slower than failing. */
export function toMemoryLimit(path: string, value: Bytes): { memory: number; memorySwap: number } {
  const megabytes = bytes(path, value) / 1_024 ** 2;
  if (!Number.isInteger(megabytes) || megabytes < 6) {
    invalidOption(path, 'must be whole MiB, and 6MiB at least', value, "write for example '256MiB'");
  }
  return { memory: megabytes, memorySwap: megabytes };
}

/** A share of the host's cores as Docker writes it. */
export function toCpuLimit(path: string, value: number): string {
  if (!(value > 0 && Number.isFinite(value))) {
    invalidOption(path, 'must be a number of cores above zero', value, 'write for example 0.5');
  }
  return String(value);
}

/** How long the provider waits until a container is healthy. With no time at all each deploy would fail. */
export const toWaitSeconds = (path: string, value: Duration) => positiveWholeSeconds(path, value, '60s');

/** A duration as Docker gives it back, so that a plan sees no difference: Go's way of writing it. */
export function toDockerDuration(milliseconds: number): string {
  const hours = Math.floor(milliseconds / 3_600_000);
  const minutes = Math.floor(milliseconds / 60_000) % 60;
  const seconds = (milliseconds % 60_000) / 1_000;
  if (milliseconds < 1_000) {
    return milliseconds === 0 ? '0s' : `${milliseconds}ms`;
  }
  return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${seconds}s`;
}

/** A container that runs once, before what depends on it, and has to end well: else it is the error, and what ran goes on. */
export function oneShot(errorMessage: string, createBeforeDestroy = true) {
  return {
    mustRun: false,
    attach: true,
    logs: true,
    lifecycle: {
      createBeforeDestroy,
      postcondition: [{ condition: '${self.exit_code == 0}', errorMessage }],
    },
  };
}
