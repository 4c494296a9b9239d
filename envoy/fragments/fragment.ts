import type { Tries } from '../assemble/routes/per-try-timeout';
import type { Credentials } from '../assemble/routes/remove-credentials';
import type { TrustedPeers } from '../features/shared/forwarding-headers';
import type {
  Bootstrap,
  Cluster,
  FilterChain,
  HttpConnectionManager,
  HttpFilter,
  Listener,
  Route,
  RouteAction,
  RouteMatch,
} from '../messages/builders';
import type { HeaderMutation } from '../messages/header-mutations';
import type { Path } from '../messages/path';
import type { envoy } from '../messages/schema/types';
import type { Server } from '../options/endpoints';

/** A file that Envoy reads, at its path inside the container. */
export interface ProxyFile {
  readonly path: string;
  /**
   * The text, or what becomes one as the configuration does: for files that Envoy reads as YAML.
   *
   * @secret
   */
  readonly content: string | object;
  /** Holds a secret: nobody is shown it, and whoever must keep it marks it. */
  readonly sensitive?: true;
}

/** A port that Envoy listens on inside the container. */
export interface ProxyPort {
  readonly name: string;
  readonly port: number;
}

/** What an option relies on and another feature brings: what it says would not hold without. */
export type Need = {
  /** The option, as its user wrote it. */
  readonly option: string;
  readonly remedy: string;
} & (
  | {
      /** A field of the connection manager. */
      readonly field: keyof HttpConnectionManager;
      /** The values that will do; `undefined` where the field may be left out. */
      readonly values: readonly (string | boolean | undefined)[];
    }
  | {
      /** An HTTP filter, by its name. */
      readonly filter: string;
    }
  | {
      /** A refusal, by its name. */
      readonly refusal: string;
    }
);

/** Requests that the proxy refuses before any filter decides by them. */
export interface Refusal {
  readonly permission: envoy.config.rbac.v3.Permission;
  /** @default - 400, as Envoy answers what it can't parse */
  readonly answer?: Pick<
    envoy.extensions.filters.network.http_connection_manager.v3.ResponseMapper,
    'status_code' | 'body' | 'headers_to_add'
  >;
}

/** What one feature adds to the whole proxy. */
export interface ProxyFragment {
  /** Before the router, in the order of the registry. */
  readonly httpFilters?: readonly HttpFilter[];
  readonly connectionManager?: Partial<HttpConnectionManager>;
  /** By the names that the access log shows. One filter has those of all features, in the place of the first that has any. */
  readonly refusals?: Readonly<Record<string, Refusal>>;
  /**
   * Headers that only the proxy sets, so that the API and all features can believe them: in each request, whatever its route,
   * what the client sent in them is taken out before anything looks at it. Small letters, digits, `-` and `_`.
   */
  readonly identityHeaders?: readonly string[];
  /** Removes headers that only a trusted proxy may send. Applies to requests of other peers, before anything reads them. */
  readonly untrustedRequests?: readonly HeaderMutation[];
  /** The peers whose forwarding headers are believed; without, those of all peers are. */
  readonly trustedPeers?: TrustedPeers;
  /** What the API must not get. The feature's filters remove it where they are on; it is also removed where they are off. */
  readonly credentials?: Credentials;
  readonly listener?: Partial<Listener>;
  readonly filterChain?: Partial<FilterChain>;
  readonly listeners?: readonly Listener[];
  readonly clusters?: readonly Cluster[];
  readonly bootstrap?: Partial<Bootstrap>;
  readonly files?: readonly ProxyFile[];
  readonly ports?: readonly ProxyPort[];
  readonly needs?: readonly Need[];
  /** What every route gains. */
  readonly route?: RouteFragment;
  /** What every upstream gains, or what depends on the servers of each. */
  readonly upstream?: UpstreamFragment | ((servers: readonly Server[]) => UpstreamFragment);
}

/** What one feature adds to one route. */
export interface RouteFragment {
  /** What the whole proxy needs for it, once, in the place of the feature. Switched off on the routes without it. */
  readonly httpFilters?: readonly HttpFilter[];
  readonly route?: Partial<Route>;
  readonly action?: Partial<RouteAction>;
  /** Instead of `action` for requests whose method may be repeated without harm. */
  readonly idempotentAction?: Partial<RouteAction>;
  /** How often these actions try, which has to fit into the time that the route has in the end. */
  readonly tries?: Tries;
  /** What a request has that shows its credential, without which it does not pass: one of these, or none if any passes. */
  readonly shown?: readonly Partial<RouteMatch>[];
  /** Set where the feature is on, and its filters don't read the credentials, or read them and leave them in the request. */
  readonly credentials?: 'ignored' | 'left';
  readonly needs?: readonly Need[];
}

/** What one feature adds to one upstream. */
export interface UpstreamFragment {
  readonly cluster?: Partial<Cluster>;
  /** What the whole proxy needs for it beside, with names that no other upstream's have. */
  readonly clusters?: readonly Cluster[];
  readonly files?: readonly ProxyFile[];
}

/** A part of something merged, with the name of whoever wrote it. */
export interface Part<T> {
  readonly by: string;
  readonly value: T;
}

/** Who set what, in the results of `merge`: for each object and list of them, by key or place. */
const owners = new WeakMap<object, Map<string | number, string>>();

/**
 * The one merge rule: lists append, objects merge, a value set twice is an error that names both. The bounds of circuit
 * breakers merge by priority, since of two for one priority Envoy reads the first alone.
 */
export function merge<T extends object>(parts: readonly Part<T>[]): T {
  const result: Fields = {};
  for (const { by, value } of parts) {
    into(result, value as Fields, by, []);
  }
  return result as T;
}

/** Who set what stands at this path of a merged object, or what is nearest above it. */
export function ownerOf(root: object, path: Path): string | undefined {
  let owner: string | undefined;
  let here: unknown = root;
  for (const key of path) {
    if (typeof here !== 'object' || here === null) {
      break;
    }
    owner = owners.get(here)?.get(key) ?? owner;
    here = (here as Fields)[key];
  }
  return owner;
}

type Fields = Record<string, unknown>;

function into(target: Fields, source: Fields, by: string, at: Path): void {
  for (const [key, value] of Object.entries(source)) {
    if (value === undefined) {
      continue;
    }
    const path = [...at, key];
    // What is merged of merged parts belongs to those who made the parts.
    const owner = owners.get(source)?.get(key) ?? by;
    const present = Object.hasOwn(target, key) ? target[key] : undefined;
    if (Array.isArray(value) && (present === undefined || Array.isArray(present))) {
      const append = path.at(-2) === 'circuit_breakers' ? appendedByPriority : appended;
      put(target, key, append(present ?? [], value, owner, path));
    } else if (isObject(value) && (present === undefined || isObject(present))) {
      const inner = present ?? {};
      put(target, key, inner);
      into(inner, value, owner, path);
    } else if (present === undefined) {
      put(target, key, value);
    } else {
      throw new Error(
        `${path.join('.')} is set by ${owners.get(target)?.get(key)} to ${JSON.stringify(present)} and by ${owner} to ${JSON.stringify(value)}; set it in one of them`,
      );
    }
    own(target, key, owner);
  }
}

/** Also a key like `__proto__` is one of its own. */
function put(target: Fields, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true });
}

function appended(present: readonly unknown[], more: readonly unknown[], by: string): unknown[] {
  const result = [...present, ...more];
  const ownersOf = (list: readonly unknown[]) => list.map((_, place) => owners.get(list)?.get(place) ?? by);
  [...ownersOf(present), ...ownersOf(more)].forEach((owner, place) => {
    own(result, place, owner);
  });
  return result;
}

function appendedByPriority(present: readonly unknown[], more: readonly unknown[], by: string, at: Path): unknown[] {
  const result = appended(present, [], by);
  const added = more.filter((one) => {
    const place = isObject(one) ? present.findIndex((other) => priorityOf(other) === priorityOf(one)) : -1;
    if (place >= 0) {
      const { priority: _, ...bounds } = one as Fields;
      const whole: Fields = {};
      into(whole, result[place] as Fields, owners.get(result)?.get(place) ?? by, at);
      into(whole, bounds, by, [...at, place]);
      result[place] = whole;
    }
    return place < 0;
  });
  return appended(result, added, by);
}

function priorityOf(bounds: unknown): unknown {
  return isObject(bounds) ? (bounds.priority ?? 'DEFAULT') : undefined;
}

/** The first to set something stays its owner. */
function own(target: object, key: string | number, by: string): void {
  const known = owners.get(target) ?? new Map<string | number, string>();
  owners.set(target, known);
  if (!known.has(key)) {
    known.set(key, by);
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
