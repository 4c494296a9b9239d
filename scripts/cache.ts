import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where all that is slow to get is kept, as in `setup/lib.sh`. */
export const CACHE =
  process.env.CDKTF_ENVOY_SIDECAR_CACHE ??
  join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cdktf-envoy-sidecar');
