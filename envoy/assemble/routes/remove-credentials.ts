import type { Credentials, RouteFragment } from '../../fragments/fragment';
import { extension, typed } from '../../messages/builders';
import { CREDENTIALS_FILTER } from '../../messages/resource-names';
import { invalidOption } from '../../options/validate';
import type { Source } from '../resolve-features';
import type { ResolvedRoute } from './resolved-route';

/** Removes credentials from the requests of a route, after the filters that read them. */
export function removeCredentials(all: readonly Credentials[], except: readonly string[]): RouteFragment {
  const distinct = (of: 'headers' | 'params' | 'cookies') =>
    [...new Set(all.flatMap((one) => one[of]))].filter((name) => !except.includes(name));
  const headers = distinct('headers');
  const [params, cookies] = [distinct('params'), distinct('cookies')];
  const hasScript = params.length + cookies.length > 0;
  return {
    ...(hasScript && { httpFilters: [FILTER] }),
    route: {
      ...(headers.length > 0 && { request_headers_to_remove: headers }),
      ...(hasScript && { typed_per_filter_config: { [FILTER.name]: script(params, cookies) } }),
    },
  };
}

/** Off but on the routes that have a script. */
const FILTER = {
  ...extension(CREDENTIALS_FILTER, 'envoy.extensions.filters.http.lua.v3.Lua', { clear_route_cache: false }),
  disabled: true,
};

/** Envoy itself decodes all that it leaves of a query: the API would read `a=b%26c=d` as two parameters. */
function script(params: readonly string[], cookies: readonly string[]) {
  const set = (names: readonly string[]) => `{ ${names.map((name) => `[${JSON.stringify(name)}] = true`).join(', ')} }`;
  return typed('envoy.extensions.filters.http.lua.v3.LuaPerRoute', {
    source_code: { inline_string: `local params, cookies = ${set(params)}, ${set(cookies)}\n${SCRIPT}` },
  });
}

const SCRIPT = `
local function without(names, text, separator, toName)
  local kept = {}
  for part in string.gmatch(text, '[^' .. separator .. ']+') do
    if not names[toName(string.match(part, '^[^=]*'))] then table.insert(kept, part) end
  end
  return table.concat(kept, separator)
end

local function decoded(name)
  return (string.gsub(name, '%%(%x%x)', function(hex) return string.char(tonumber(hex, 16)) end))
end

local function trimmed(name)
  return string.match(name, '^%s*(.-)%s*$')
end

function envoy_on_request(request)
  local headers = request:headers()
  local path, query = string.match(headers:get(':path') or '', '^([^?]*)%?(.*)$')
  if query and next(params) then
    local rest = without(params, query, '&', decoded)
    headers:replace(':path', rest == '' and path or path .. '?' .. rest)
  end
  local cookie = headers:get('cookie')
  if cookie and next(cookies) then
    local rest = trimmed(without(cookies, cookie, ';', trimmed))
    if rest == '' then headers:remove('cookie') else headers:replace('cookie', rest) end
  end
end
`;

/** A rule that removes the credentials that no filter reads there, but not from where another feature reads its own. */
export function withoutUnreadCredentials(
  all: readonly Source[],
  rule: ResolvedRoute,
  off: readonly string[],
  forwardCredentials: true | undefined,
): ResolvedRoute {
  const among = (names: readonly string[]) =>
    all.flatMap(({ name, fragment }) => (names.includes(name) && fragment?.credentials ? [fragment.credentials] : []));
  const sourcesOf = (kind: 'ignored' | 'left') =>
    rule.parts.flatMap(({ source, value }) => (value.credentials === kind ? [source] : []));
  const left = sourcesOf('left');
  const unread = [...off, ...sourcesOf('ignored')];
  if (forwardCredentials !== undefined && (forwardCredentials !== true || among(unread).length === 0)) {
    const problem = forwardCredentials === true ? 'has no effect where nothing would be removed' : 'must be true';
    invalidOption(`${rule.scope}authentication.forwardCredentials`, problem, forwardCredentials, 'leave it out');
  }
  const hidden = among(forwardCredentials ? left : [...left, ...unread]);
  if (hidden.length === 0) {
    return rule;
  }
  const reading = rule.parts.filter(({ source }) => ![...left, ...unread].includes(source));
  const needed = reading.flatMap(({ value }) => value.credentialMatches ?? []);
  const optional = among(reading.map(({ source }) => source)).flatMap((one) => one.optional ?? []);
  const value = removeCredentials(hidden, [
    ...optional,
    ...needed.flatMap(({ headers = [], query_parameters = [], cookies = [] }) =>
      [...headers, ...query_parameters, ...cookies].map(({ name }) => name),
    ),
  ]);
  // In the place of the last feature that reads credentials, behind its filters.
  const last = all.filter(({ feature }) => feature.credentialMatches).at(-1)?.name ?? '';
  return { ...rule, parts: [...rule.parts, { source: last, by: 'the credentials', value }] };
}
