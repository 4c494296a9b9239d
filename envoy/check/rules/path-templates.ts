import { error, getField, getMessageType, hasField, readText } from '../message-reader';
import type { Rule } from '../rule';

const MATCH = 'envoy.extensions.path.match.uri_template.v3.UriTemplateMatchConfig';

/** A template that Envoy can read. It has segments of letters, `*` and `**`, and variables in braces. */
export const pathTemplate: Rule = (messages) =>
  messages(MATCH).flatMap((config) => {
    const node = getField(config, 'path_template');
    const template = readText(node);
    const problem = template === undefined || template === '' ? undefined : checkTemplate(template);
    return problem === undefined ? [] : [error('path-template', node, `is '${template}', ${problem}`)];
  });

const REWRITE = 'envoy.extensions.path.rewrite.uri_template.v3.UriTemplateRewriteConfig';
const REWRITTEN =
  /^\/(?:$|(?:[\w\-.~%!$&'()+,;:@=*]|\{[A-Za-z]\w{0,15}\})+(?:\/(?:[\w\-.~%!$&'()+,;:@=*]|\{[A-Za-z]\w{0,15}\})+)*\/?$)/;

/** A path that is written anew by a template: with the variables of the template that matched it. */
export const pathTemplateRewrite: Rule = (messages) => [
  ...messages(REWRITE).flatMap((config) => {
    const node = getField(config, 'path_template_rewrite');
    const template = readText(node);
    return template === undefined || REWRITTEN.test(template)
      ? []
      : [error('path-template', node, `is '${template}', which is no path; write for example '/{name}/more'`)];
  }),
  ...messages('envoy.config.route.v3.Route')
    .filter((route) => !hasField(getField(route, 'match'), 'path_match_policy'))
    .map((route) => getField(route, 'route', 'path_rewrite_policy'))
    .filter((policy) => getMessageType(getField(policy, 'typed_config')) === REWRITE)
    .map((policy) => error('path-template', policy, 'needs the path_match_policy whose variables it writes')),
];

const LITERAL = /^[\w\-.~%!$&'()+,;:@=*]+$/;
const NAME = /^[A-Za-z]\w*$/;
/** As Envoy's. */
const VARIABLES = 5;
const NAME_LENGTH = 16;

function checkTemplate(template: string): string | undefined {
  if (!template.startsWith('/')) {
    return `which no path begins with; write '/${template}'`;
  }
  const segments = template.slice(1).match(/(?:[^{}/]|\{[^{}]*\})+|[{}/]/g) ?? [];
  const names: string[] = [];
  let isDeep = false;
  let isSlashDue = false;
  for (const segment of segments) {
    if (segment === '/') {
      if (!isSlashDue) {
        return 'with an empty segment; leave one of the slashes out';
      }
      isSlashDue = false;
      continue;
    }
    const [, before = '', inner, after = ''] = /^([^{]*)\{([^{}]*)\}(.*)$/.exec(segment) ?? [];
    isSlashDue = true;
    const parts = inner === undefined ? [segment] : splitVariable(inner);
    if (inner !== undefined) {
      const name = inner.split('=', 1)[0] ?? '';
      if (!NAME.test(name) || name.length > NAME_LENGTH) {
        return `whose variable '${name}' is no name; write a letter, then letters, digits and _, ${NAME_LENGTH} at most`;
      }
      if (names.includes(name)) {
        return `with the variable '${name}' twice; rename one of them`;
      }
      names.push(name);
    }
    const around = [before, after].filter((part) => part !== '');
    const wrong = [...parts, ...around].find((part) => !LITERAL.test(part));
    if (wrong !== undefined) {
      return `where '${wrong}' can't be read; write letters, digits, *, ** or {name}`;
    }
    for (const part of parts.filter((each) => each === '*' || each === '**')) {
      if (isDeep) {
        return "with another '*', '**' or variable behind '**'; leave it out";
      }
      isDeep = part === '**';
    }
  }
  return names.length > VARIABLES ? `with more than ${VARIABLES} variables; use * for some` : undefined;
}

/** What a variable stands for. */
function splitVariable(variable: string): string[] {
  const equals = variable.indexOf('=');
  return equals < 0 ? ['*'] : variable.slice(equals + 1).split('/');
}
