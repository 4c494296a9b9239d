import { templateMatch } from '../../messages/route-matchers';
import type { envoy } from '../../messages/schema/types';
import { checkPath, type RouteMatchOptions } from '../../options/route-match';
import { invalidOption } from '../../options/validate';
import type { Effect } from './options';

type Permission = envoy.config.rbac.v3.Permission;
type StringMatcher = envoy.type.matcher.v3.StringMatcher;
type Path = RouteMatchOptions['path'];

const any = (rules: Permission[]): Permission => ({ or_rules: { rules } });
const path = (matcher: StringMatcher): Permission => ({ url_path: { path: matcher } });

/** The requests for one of these paths. */
export function pathPermission(effect: Effect, at: string, paths: readonly Path[]): Permission {
  if (!Array.isArray(paths) || paths.length === 0) {
    invalidOption(at, 'must be a list with a value', paths, 'leave it out for any');
  }
  paths.forEach((one, index) => {
    checkPath(`${at}[${index}]`, one);
  });
  if (effect === 'deny') {
    return any(paths.flatMap((one, index) => denied(`${at}[${index}]`, one)));
  }
  return any(paths.flatMap(allowed));
}

function allowed(one: Path): Permission[] {
  if (typeof one === 'string') {
    return one === '/' ? [path({ prefix: '/' })] : [path({ exact: one }), path({ prefix: `${one}/` })];
  }
  if ('exact' in one) {
    return [path({ exact: one.exact })];
  }
  return 'regex' in one
    ? [path({ safe_regex: { regex: one.regex } })]
    : [{ uri_template: templateMatch(one.template) }];
}

/** Also what an API may take for the same path: in other letters, with a slash at its end, with parameters (`;`). */
function denied(at: string, one: Path): Permission[] {
  if (typeof one === 'object' && 'regex' in one) {
    return [path({ safe_regex: { regex: one.regex } })];
  }
  if (typeof one === 'object' && 'template' in one) {
    const remedy = "write the path before the first '{', or a regex";
    return invalidOption(`${at}.template`, 'does not fit all spellings of what it denies', one.template, remedy);
  }
  const text = typeof one === 'string' ? one : one.exact;
  if (!/^[\w.~/-]*$/.test(text)) {
    const remedy = "write a regex that knows them, as '/users(:|%3[Aa])export'";
    invalidOption(
      at,
      "must hold letters, digits, '-', '.', '_', '~' and '/' alone, as others have several spellings",
      text,
      remedy,
    );
  }
  if (text === '/') {
    return typeof one === 'string'
      ? [path({ prefix: '/' })]
      : // Envoy merges all slashes but the two of `//`.
        [path({ exact: '/' }), path({ exact: '//' }), path({ prefix: '/;' })];
  }
  const whole = text.replace(/\/$/, '');
  const folders = whole.split('/').slice(1, -1);
  const above = folders.map((_, index) => `/${folders.slice(0, index + 1).join('/')}`);
  return [
    { exact: whole },
    typeof one === 'string' ? { prefix: `${whole}/` } : { exact: `${whole}/` },
    // With parameters, also on the way there: whatever follows them.
    ...[whole, '/', ...above.flatMap((folder) => [folder, `${folder}/`])].map((place) => ({ prefix: `${place};` })),
  ].map((matcher) => path({ ...matcher, ignore_case: true }));
}
