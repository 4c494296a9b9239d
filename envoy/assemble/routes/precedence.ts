import { METHODS, type RouteMatchOptions } from '../../options/route-match';
import { coversHosts, hostSpecificity } from './host-match';
import { templateSegments } from './path-template';

/** Which of two matches is tried first: the one that says more. For `sort`. */
export function compareSpecificity(one: RouteMatchOptions, other: RouteMatchOptions): number {
  const [ours, theirs] = [specificity(one), specificity(other)];
  const place = ours.findIndex((value, index) => value !== theirs[index]);
  return place < 0 ? 0 : (theirs[place] ?? 0) - (ours[place] ?? 0);
}

/** How much a match says: the greater, the sooner it is tried. Its hosts say equally much. */
function specificity({ path, hosts, methods, headers = {} }: RouteMatchOptions): readonly number[] {
  const kinds = ['regex', 'template', 'exact'];
  const [kind = '', text = ''] = typeof path === 'string' ? ['', path] : (Object.entries(path)[0] ?? []);
  const values = Object.values(headers);
  return [
    hostSpecificity(hosts?.[0]),
    kinds.indexOf(kind),
    // What a part of a template is called says nothing, nor does `**`.
    (kind === 'template' ? templateSegments(text).join('/').replaceAll('**', '') : text).length,
    values.length,
    methods ? -methods.length : -METHODS.length - 1,
    values.filter((value) => typeof value === 'string').length,
    values.filter((value) => value !== true).length,
  ];
}

/**
 * Whether the first match fits all requests that the second fits. `false` may also be that nobody can tell: of two expressions
 * for example.
 */
export function covers(one: RouteMatchOptions, other: RouteMatchOptions): boolean {
  return (
    coversHosts(one.hosts, other.hosts) &&
    (one.methods === undefined || (other.methods?.every((method) => one.methods?.includes(method)) ?? false)) &&
    Object.entries(one.headers ?? {}).every(([name, value]) => {
      const its = Object.hasOwn(other.headers ?? {}, name) ? other.headers?.[name] : undefined;
      return its !== undefined && (value === true || same(value, its));
    }) &&
    coversPath(one.path, other.path)
  );
}

type RoutePath = RouteMatchOptions['path'];

function coversPath(one: RoutePath, other: RoutePath): boolean {
  const below = allBelow(one);
  return (
    same(one, other) ||
    (below !== undefined && beginning(other).startsWith(below)) ||
    (typeof one === 'string' && typeof other !== 'string' && 'exact' in other && one === other.exact) ||
    (typeof one !== 'string' && 'template' in one && coversTemplate(templateSegments(one.template), other))
  );
}

/** The text with which every path that begins so is one of these. */
function allBelow(path: RoutePath): string | undefined {
  if (typeof path === 'string') {
    return path === '/' ? path : `${path}/`;
  }
  return 'regex' in path ? /^([\w/-]*)\.\*$/.exec(path.regex)?.[1] : undefined;
}

/** What all of these paths begin with, as far as it can be told. */
function beginning(path: RoutePath): string {
  if (typeof path === 'string') {
    return path;
  }
  if ('exact' in path) {
    return path.exact;
  }
  if ('template' in path) {
    return templateSegments(path.template).join('/').split('*')[0] ?? '';
  }
  const literal = path.regex.includes('|') ? '' : (LITERAL.exec(path.regex)?.[0] ?? '');
  return '?*{'.includes(path.regex[literal.length] ?? ' ') ? literal.slice(0, -1) : literal;
}

/** Signs that mean themselves in an expression. */
const LITERAL = /^[\w/-]*/;

function coversTemplate(ours: readonly string[], other: RoutePath): boolean {
  if (typeof other === 'string' || 'regex' in other) {
    return false;
  }
  const theirs = 'exact' in other ? other.exact.split('/') : templateSegments(other.template);
  const fits = (our: string, their: string) =>
    our === their
      ? 'template' in other || !our.includes('*')
      : ['*', '**'].includes(our) && (/^[\w.~-]+$/.test(their) || ('template' in other && their === '*'));
  return (
    (ours.at(-1) === '**' ? theirs.length >= ours.length : theirs.length === ours.length) &&
    theirs.every((their, index) => fits(ours[index] ?? '**', their))
  );
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** Whether some request may fit the one, and in another spelling of its path the other. */
export function mayOverlap(one: RouteMatchOptions, other: RouteMatchOptions): boolean {
  const [our = '', their = ''] = [one, other].map((match) => beginning(anySpelling(match).path).toLowerCase());
  return (
    (one.hosts === undefined ||
      other.hosts === undefined ||
      one.hosts.some((host) => other.hosts?.some((its) => coversHosts([host], [its]) || coversHosts([its], [host])))) &&
    (one.methods?.some((method) => other.methods?.includes(method) ?? true) ?? true) &&
    (our.startsWith(their) || their.startsWith(our))
  );
}

/** Whether the first match, in all spellings of its path, fits all requests of the second. */
export function coversInAnySpelling(one: RouteMatchOptions, other: RouteMatchOptions): boolean {
  return covers(anySpelling(one), anySpelling(other));
}

/** The same match with a path of which all others are spellings. */
function anySpelling(match: RouteMatchOptions): RouteMatchOptions {
  const { path } = match;
  if (typeof path === 'string') {
    return { ...match, path: path.toLowerCase() };
  }
  if ('exact' in path) {
    return { ...match, path: { exact: path.exact.toLowerCase().replace(/(.)\/$/, '$1') } };
  }
  return 'template' in path ? { ...match, path: { template: path.template.toLowerCase() } } : match;
}
