import { assemble, type EnvoyOptions } from '../assemble/assemble';
import type { ProxyFile, ProxyPort } from '../fragments/fragment';
import { ADMIN_ADDRESS, ADMIN_PORT, CONFIG_FILE, DEFAULT_IMAGE } from '../messages/resource-names';
import type { EnvoyVersion } from '../messages/schema/envoy-minors';
import { assertOptions } from '../options/assert-options';
import { ENVOY_OPTIONS } from '../options/option-shapes';
import { type Duration, integer, wholeSeconds } from '../options/units';
import { invalidOption, oneOf } from '../options/validate';
import { toYaml, type WriteReference } from '../yaml/write';
import { assertAccepted } from './assert-accepted';
import { resolveEnvoyVersion, warnOfOldPatch } from './image-version';

/** How Envoy is run, whatever runs it. */
export interface RunOptions {
  /**
   * The image, with Envoy 1.37 or later. It needs `bash` for the drain and the health check, and `setpriv` for the validation before a
   * deploy, so the distroless image does not work. An outdated patch of Envoy is a warning.
   *
   * @default - `envoyproxy/envoy` with the newest patch of 1.39 known to this release, since patches fix security vulnerabilities
   */
  readonly image?: string;
  /**
   * The minor version of Envoy in the image. The configuration is checked against its rules.
   *
   * @default - the version in the image's tag, or '1.39' without one
   */
  readonly envoyVersion?: EnvoyVersion;
  /**
   * The number of worker threads. Each has its own connections to the API. Two serve tens of thousands of requests a second.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/operations/cli#cmdoption-concurrency
   * @default 2, where Envoy's own default is one for each core of the host
   */
  readonly concurrency?: number;
  /**
   * The least severe messages that Envoy logs, on standard error.
   *
   * @default 'warning'
   */
  readonly logLevel?: 'trace' | 'debug' | 'info' | 'warning' | 'error' | 'critical' | 'off';
  /**
   * Before Envoy ends: how long it goes on serving while it asks clients, with every answer, to come back on a new
   * connection. A connection on which nothing is sent for longer is closed in the end, and HTTP/1.1 knows no way to
   * announce that: a request that is sent in this very instant is lost, unless the client sends it again.
   *
   * @see https://www.envoyproxy.io/docs/envoy/latest/intro/arch_overview/operations/draining
   * @default '10s', twice as long as common clients keep a connection that they don't use
   */
  readonly drainTime?: Duration;
}

export type TextFile = ProxyFile & { readonly content: string };

/** Everything that a host platform must provide to run the proxy. */
export interface ProxySpec {
  readonly image: string;
  /** The arguments of `envoy`. */
  readonly args: readonly string[];
  /** The files that Envoy reads, as text. The configuration is the first. */
  readonly files: readonly TextFile[];
  /** The ports for clients. */
  readonly ports: readonly ProxyPort[];
  /** Envoy's admin interface. It answers 200 at `/ready` once Envoy serves, and a POST to it starts the drain. */
  readonly admin: { readonly address: string; readonly port: number };
  readonly drainSeconds: number;
  /** The number of worker threads, and so of listening sockets for each port. */
  readonly concurrency: number;
  /** What Envoy accepts but deprecates, and options without the effect that they seem to have. */
  readonly warnings: readonly string[];
}

const LOG_LEVELS = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'] as const;

/**
 * From options to what a host must provide.
 *
 * @param reference - how the configuration holds texts that only Terraform knows; without it they are texts like others
 */
export function proxySpec(options: EnvoyOptions & RunOptions, reference?: WriteReference): ProxySpec {
  assertOptions({ ...ENVOY_OPTIONS.EnvoyOptions, ...ENVOY_OPTIONS.RunOptions }, options, ENVOY_OPTIONS);
  const {
    image = DEFAULT_IMAGE,
    concurrency = 2,
    logLevel = 'warning',
    drainTime = '10s',
    envoyVersion,
    ...envoy
  } = options;
  if (image === '') {
    invalidOption('image', 'must name an image', image, `write for example '${DEFAULT_IMAGE}'`);
  }
  const version = resolveEnvoyVersion(image, envoyVersion);
  const drainSeconds = wholeSeconds('drainTime', drainTime);
  const threads = integer('concurrency', concurrency, 1, 1_024);
  const level = oneOf('logLevel', logLevel, LOG_LEVELS);
  const { bootstrap, files, ports, optionOf, warnings: ofOptions } = assemble(envoy);
  const warnings = [...warnOfOldPatch(image), ...ofOptions, ...assertAccepted(bootstrap, version, optionOf)];
  return {
    image,
    args: [
      '--config-path',
      CONFIG_FILE,
      '--concurrency',
      String(threads),
      '--log-level',
      level,
      '--drain-time-s',
      String(drainSeconds),
      // Every answer during the drain asks for a new connection, not a growing share of them.
      '--drain-strategy',
      'immediate',
      // Revisions share a network namespace, not the shared memory of Envoy's own hot restart.
      '--disable-hot-restart',
      // Envoy's own ten seconds leave whoever follows the log waiting.
      '--file-flush-interval-msec',
      '1000',
    ],
    files: [{ path: CONFIG_FILE, content: bootstrap }, ...files].map((file) => toTextFile(file, reference)),
    ports,
    admin: { address: ADMIN_ADDRESS, port: ADMIN_PORT },
    drainSeconds,
    concurrency,
    warnings,
  };
}

function toTextFile({ content, ...file }: ProxyFile, reference: WriteReference | undefined): TextFile {
  return { ...file, content: typeof content === 'string' ? content : toYaml(content, reference) };
}
