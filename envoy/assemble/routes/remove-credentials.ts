import type { Credentials, RouteFragment } from '../../fragments/fragment';
import { extension, typed } from '../../messages/builders';
import { CREDENTIALS_FILTER } from '../../messages/resource-names';

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
