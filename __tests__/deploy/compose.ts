import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { proxySpec } from '../../envoy';
import { toYaml } from '../../envoy/yaml/write';
import { withMissingFile } from '../missing-file';
import { run } from './harness';

/** The settings that a change sets. The others keep their defaults. */
export interface Composed {
  readonly request?: `${number}s`;
  readonly memory?: string;
  readonly version?: string;
  readonly replicas?: number;
  readonly refused?: boolean;
}

/** The two containers of our stack with the same Envoy configuration, deployed by docker-compose. */
export class Compose {
  public readonly url = 'http://127.0.0.1:8840';
  private readonly folder = mkdtempSync(join(tmpdir(), 'compose-'));
  private readonly command = (process.env.COMPOSE ?? 'docker compose').split(' ');

  /** Writes the files and deploys them. It forces a new Envoy container, since docker-compose ignores changes of envoy.yaml. */
  public async up({
    request = '15s',
    memory = '512m',
    version = '1',
    replicas = 1,
    refused = false,
  }: Composed): Promise<void> {
    const spec = proxySpec({
      upstream: { host: 'api', port: 8080, healthCheck: { path: '/health' } },
      timeouts: { request },
      ...(refused && { patch: withMissingFile }),
    });
    writeFileSync(join(this.folder, 'envoy.yaml'), spec.files[0]?.content ?? '');
    writeFileSync(
      join(this.folder, 'docker-compose.yml'),
      toYaml({
        version: '2.4',
        services: {
          envoy: {
            image: process.env.ENVOY_IMAGE ?? spec.image,
            command: ['envoy', ...spec.args],
            ports: ['127.0.0.1:8840:8800'],
            volumes: ['./envoy.yaml:/etc/envoy/envoy.yaml'],
            mem_limit: memory,
          },
          api: {
            image: process.env.API_IMAGE ?? 'tiangolo/uvicorn-gunicorn-fastapi:python3.11',
            command: ['uvicorn', 'api:app', '--host', '0.0.0.0', '--port', '8080'],
            volumes: [`${resolve(__dirname, 'api.py')}:/app/api.py`],
            environment: { VERSION: version },
          },
        },
      }),
    );
    await this.compose('up', '-d', '--scale', `api=${replicas}`);
    await this.compose('up', '-d', '--force-recreate', '--no-deps', 'envoy');
  }

  public async down(): Promise<void> {
    await this.compose('down');
    rmSync(this.folder, { recursive: true });
  }

  private async compose(...args: string[]): Promise<void> {
    const [command = '', ...before] = this.command;
    const { code, output } = await run(
      command,
      [...before, ...args],
      { COMPOSE_PROJECT_NAME: 'envoy-test-rolling-compared' },
      this.folder,
    );
    if (code !== 0) {
      throw new Error(`${this.command.join(' ')} ${args.join(' ')} ended with ${code}:\n${output}`);
    }
  }
}
