import type { Bytes } from '../../envoy';
import { bytes } from '../../envoy/host-api';

/** How `envoyproxy/ratelimit` is set up, whatever runs it. */
export interface RateLimitService {
  /** `host:port` of Redis. */
  readonly redis: string;
  /** The folder that holds its folder `config`. */
  readonly folder: string;
  readonly port: number;
}

/**
 * The environment of `envoyproxy/ratelimit`.
 *
 * @see https://github.com/envoyproxy/ratelimit/blob/main/src/settings/settings.go
 */
export function toServiceEnv({ redis, folder, port }: RateLimitService): Record<string, string> {
  return {
    GRPC_PORT: String(port),
    // Who reaches these could count in the name of others, and read its memory. Nobody needs them.
    HOST: '127.0.0.1',
    DEBUG_HOST: '127.0.0.1',
    REDIS_SOCKET_TYPE: 'tcp',
    REDIS_URL: redis,
    // Its own ten seconds are forty times as long as anybody waits.
    REDIS_TIMEOUT: '1s',
    RUNTIME_ROOT: folder,
    RUNTIME_APPDIRECTORY: 'config',
    RUNTIME_WATCH_ROOT: 'false',
    RUNTIME_IGNOREDOTFILES: 'true',
    // What Envoy asks each second: without Redis or limits it can't count.
    REDIS_HEALTH_CHECK_ACTIVE_CONNECTION: 'true',
    HEALTHY_WITH_AT_LEAST_ONE_CONFIG_LOADED: 'true',
    // What one client is refused takes nothing from the count of all.
    STOP_CACHE_KEY_INCREMENT_WHEN_OVERLIMIT: 'true',
    // Redis forgets a count with its window, not up to five minutes later: that would be 300 of those of a second.
    EXPIRATION_JITTER_MAX_SECONDS: '0',
    DISABLE_STATS: 'true',
    LOG_LEVEL: 'warn',
  };
}

/**
 * The arguments of `redis-server`. Counts are worth nothing after their window, so none is written to a disk. When its
 * memory is full, those that would be forgotten next go first: of windows that are over, then of those that end soonest.
 */
export function toRedisArguments(path: string, memory: Bytes): string[] {
  return [
    // Without a word behind it, it takes back what the image says (Redis 7 and later): the provider has no empty words.
    ...['--save', '--appendonly', 'no'],
    ...['--maxmemory', String(bytes(path, memory)), '--maxmemory-policy', 'volatile-ttl'],
    // Nobody but the service is on its network.
    ...['--protected-mode', 'no'],
  ];
}
