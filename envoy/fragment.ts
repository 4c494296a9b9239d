import type {
  Bootstrap,
  Cluster,
  Extension,
  FilterChain,
  HttpConnectionManager,
  Listener,
  Route,
  RouteAction,
} from './api';

/** A file that Envoy reads, at its path inside the container. */
export interface ProxyFile {
  readonly path: string;
  readonly content: string;
}

/** A port that Envoy listens on inside the container. */
export interface ProxyPort {
  readonly name: string;
  readonly port: number;
}

/** What one feature adds to the whole proxy. */
export interface ProxyFragment {
  /** Before the router, in the order of the registry. */
  readonly httpFilters?: readonly Extension[];
  readonly connectionManager?: Partial<HttpConnectionManager>;
  readonly listener?: Partial<Listener>;
  readonly filterChain?: Partial<FilterChain>;
  readonly listeners?: readonly Listener[];
  readonly clusters?: readonly Cluster[];
  readonly bootstrap?: Partial<Bootstrap>;
  readonly files?: readonly ProxyFile[];
  readonly ports?: readonly ProxyPort[];
  /** What every route gains. */
  readonly route?: RouteFragment;
  /** What every upstream gains. */
  readonly upstream?: UpstreamFragment;
}

/** What one feature adds to one route. */
export interface RouteFragment {
  readonly route?: Partial<Route>;
  readonly action?: Partial<RouteAction>;
  /** Instead of `action` for requests whose method may be repeated without harm. */
  readonly idempotentAction?: Partial<RouteAction>;
}

/** What one feature adds to one upstream. */
export interface UpstreamFragment {
  readonly cluster?: Partial<Cluster>;
}

/** A part of something merged, with the name of whoever wrote it. */
export interface Part<T> {
  readonly by: string;
  readonly value: T;
}

/** The one merge rule: lists append, objects merge, a value set twice is an error that names both. */
export function merge<T extends object>(parts: readonly Part<T>[]): T {
  const owners = new Map<string, string>();
  const result: Record<string, unknown> = {};
  for (const { by, value } of parts) {
    into(result, value as Record<string, unknown>, by, '', owners);
  }
  return result as T;
}

function into(
  target: Record<string, unknown>,
  source: Record<string, unknown>,
  by: string,
  at: string,
  owners: Map<string, string>,
): void {
  for (const [key, value] of Object.entries(source)) {
    if (value === undefined) {
      continue;
    }
    const path = at === '' ? key : `${at}.${key}`;
    const present = Object.hasOwn(target, key) ? target[key] : undefined;
    if (present === undefined) {
      target[key] = isObject(value) ? {} : value;
      owners.set(path, by);
      if (isObject(value)) {
        into(target[key] as Record<string, unknown>, value, by, path, owners);
      }
    } else if (Array.isArray(present) && Array.isArray(value)) {
      target[key] = [...present, ...value];
    } else if (isObject(present) && isObject(value)) {
      into(present, value, by, path, owners);
    } else {
      throw new Error(
        `${path} is set by ${owners.get(path)} to ${JSON.stringify(present)} and by ${by} to ${JSON.stringify(value)}; set it in one of them`,
      );
    }
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
