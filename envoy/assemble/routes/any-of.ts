import type { Authenticator, ProxyOptions } from '../../features/registry';
import { invalidOption, within } from '../../options/validate';
import { contextOf, type Source } from '../resolve-features';
import { withoutUnreadCredentials } from './remove-credentials';
import type { ResolvedRoute } from './resolved-route';

/**
 * One rule for each way to authenticate, if one of several is enough: for the requests that show something of that kind, with
 * the other ways off there. The last one is for all that is left. So exactly one judges each request, and none is open.
 * See docs/decisions/0012-one-of-several-ways-to-authenticate.md.
 */
export function expandAnyOf(all: readonly Source[], rule: ResolvedRoute): ResolvedRoute[] {
  const { options: own, anyOf: ofRule, ofAll, forwardCredentials } = rule;
  const withoutCredentials = (one: ResolvedRoute, off: readonly string[]) =>
    withoutUnreadCredentials(all, one, off, forwardCredentials);
  const names = ofRule ?? ofAll;
  const chosen = names ? toWays(all, ofRule ? rule.scope : '', names) : [];
  assertLastAuthenticates(`${ofRule ? rule.scope : ''}authentication.anyOf`, chosen);
  const ways = chosen.filter(({ name }) => !rule.off.includes(name));
  if (ofRule && ways.length < chosen.length) {
    invalidOption(
      `${rule.scope}authentication.anyOf`,
      'must name what is on here',
      ofRule,
      'leave out what the route turns off',
    );
  }
  assertLastAuthenticates(`${rule.scope}authentication.anyOf`, ways);
  if (ways.length < 2) {
    return [withoutCredentials(rule, rule.off)];
  }
  return ways.flatMap((way, place) => {
    // What judges connections can't be off for a request.
    const others = ways.flatMap(({ name, feature }) => (name === way.name || !feature.authenticates ? [] : [name]));
    const only = {
      ...rule,
      parts: rule.parts.filter(({ source }) => !others.includes(source)),
      off: [...rule.off, ...others],
    };
    const options = (own as ProxyOptions)[way.name as Authenticator];
    const matches = within(options ? rule.scope : '', () =>
      way.feature.credentialMatches?.(options || {}, contextOf(way.whole)),
    );
    // What shows a way before this one is for the rules before this one.
    const later = ways.slice(place + 1).map(({ name }) => name);
    const clean = withoutCredentials(only, [...rule.off, ...later]);
    return place === ways.length - 1 ? [clean] : (matches ?? []).map((shown) => ({ ...clean, shown }));
  });
}

/** The last way has all that is left, so it must be one that asks each request. */
function assertLastAuthenticates(option: string, ways: readonly Source[]): void {
  const last = ways.at(-1);
  if (last && !last.feature.authenticates) {
    invalidOption(
      option,
      `must not end with ${last.name}, which lets pass what shows nothing`,
      ways.map(({ name }) => name),
      'end with one that refuses it; where anybody may come, write authentication: { public: true }',
    );
  }
}

function toWays(all: readonly Source[], scope: string, names: readonly string[]): Source[] {
  if (names.length < 2) {
    invalidOption(
      `${scope}authentication.anyOf`,
      'must name two or more',
      names,
      'leave it out: all that are on are needed then',
    );
  }
  const able = all.filter(({ feature, whole }) => feature.credentialMatches && whole !== false);
  return names.map((name, index) => {
    const at = `${scope}authentication.anyOf[${index}]`;
    const way = able.find((source) => source.name === name);
    if (names.indexOf(name) < index) {
      invalidOption(at, 'is there twice', name, 'leave one of them out');
    }
    return (
      way ??
      invalidOption(
        at,
        'must be authentication that is on',
        name,
        `there is ${able.map((one) => one.name).join(', ') || 'none'}`,
      )
    );
  });
}
