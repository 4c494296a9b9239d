import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toYaml } from '../../envoy';
import { type GlobalRates, globalLimits, serviceConfig } from '../../envoy/features/global-rate-limit/limits';
import { toRedisArguments, toServiceEnv } from '../../lib/rate-limit/rate-limit-service';
import { until } from './cleanup';
import { run, temporaryFolder } from './envoy';
import { call } from './http';
import { freePort } from './ports';

function programPath(variable: 'RATELIMIT' | 'REDIS_SERVER'): string {
  const path = process.env[variable];
  if (path === undefined) {
    throw new Error(`${variable} is not set: run scripts/setup.sh test, then source env.test from its cache`);
  }
  return path;
}

/** A process that a test can stop and start again. */
export interface Restartable {
  readonly port: number;
  readonly stop: () => Promise<void>;
  readonly start: () => Promise<void>;
}

async function restartable(start: (port: number) => Promise<ReturnType<typeof run>>): Promise<Restartable> {
  const port = await freePort();
  let running = await start(port);
  return {
    port,
    stop: async () => {
      running.child.kill('SIGKILL');
      await running.ended;
    },
    start: async () => {
      running = await start(port);
    },
  };
}

/** Starts the real Redis with the arguments of the construct. */
export function startRedis(): Promise<Restartable> {
  const folder = temporaryFolder();
  return restartable(async (port) => {
    const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
    const redis = run(programPath('REDIS_SERVER'), [...toRedisArguments('memory', '16MiB'), ...own]);
    await until('Redis is ready', () => redis.stdout().includes('Ready to accept connections'));
    return redis;
  });
}

/** Starts the real rate limit service with the environment of the construct. */
export async function startRateLimit(domain: string, limits: GlobalRates, redis: Restartable): Promise<Restartable> {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'config'));
  writeFileSync(join(folder, 'config', 'limits.yaml'), toYaml(serviceConfig(domain, globalLimits('limits', limits))));
  const [http, debug] = [await freePort(), await freePort()];
  return restartable(async (port) => {
    const settings = toServiceEnv({ redis: `127.0.0.1:${redis.port}`, folder, port });
    const env = { ...process.env, ...settings, PORT: String(http), DEBUG_PORT: String(debug) };
    const service = run(programPath('RATELIMIT'), [], env);
    await until('the rate limit service is ready', () => {
      if (service.child.exitCode !== null) {
        throw new Error(`the rate limit service does not start:\n${service.stdout()}${service.stderr()}`);
      }
      return call({ port: http, path: '/healthcheck' }).then(
        ({ status }) => status === 200,
        () => false,
      );
    });
    return service;
  });
}
