import { didYouMean } from '../../options/suggest';
import { error, getField, getItems, type Node, readText } from '../message-reader';
import type { Messages, Rule, RuleProblem } from '../rule';
import { COMMANDS } from '../syntax/command-operators';

const HEADER = 'envoy.config.core.v3.HeaderValueOption';

/** Where Envoy puts values of a request into a text. */
const FORMATS: readonly (readonly [type: string, ...fields: string[]])[] = [
  [HEADER, 'header', 'value'],
  ['envoy.config.route.v3.RouteAction', 'host_rewrite'],
  ['envoy.config.route.v3.RouteAction', 'path_rewrite'],
  ['envoy.extensions.access_loggers.file.v3.FileAccessLog', 'format'],
  ['envoy.extensions.access_loggers.file.v3.FileAccessLog', 'json_format'],
  ['envoy.extensions.access_loggers.file.v3.FileAccessLog', 'typed_json_format'],
  ['envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig', 'body'],
  ['envoy.extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig', 'attributes'],
  ['envoy.extensions.filters.http.oauth2.v3.OAuth2Config', 'redirect_uri'],
  ['envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.TunnelingConfig', 'hostname'],
  ['envoy.type.tracing.v3.CustomTag', 'value'],
];

const SUBSTITUTION = 'envoy.config.core.v3.SubstitutionFormatString';

/** What stands between percent signs is a command that Envoy knows; a percent sign itself is written twice. */
export const formatString: Rule = (messages) => [
  ...FORMATS.flatMap(([type, ...fields]) => {
    // Formatters of a mutation, and of an OpenTelemetry log, bring commands of their own.
    const own = type === HEADER && mutationsHaveFormatters(messages);
    return messages(type).flatMap((met) => checkFormats(getField(met, ...fields), own || hasFormatters(met)));
  }),
  ...messages(SUBSTITUTION).flatMap((format) =>
    [['text_format'], ['text_format_source', 'inline_string'], ['json_format']].flatMap((fields) =>
      checkFormats(getField(format, ...fields), hasFormatters(format)),
    ),
  ),
  ...messages('envoy.extensions.filters.http.ext_authz.v3.AuthorizationRequest').flatMap((request) =>
    getItems(request, 'headers_to_add').flatMap((header) => checkFormats(getField(header, 'value'), false)),
  ),
];

const hasFormatters = (node: Node) => getItems(node, 'formatters').length > 0;

const mutationsHaveFormatters = (messages: Messages) =>
  messages('envoy.extensions.filters.http.header_mutation.v3.Mutations').some(hasFormatters);

/** Every text below a node: the format itself, or the values of a JSON one. */
function checkFormats(node: Node, moreCommands: boolean): readonly RuleProblem[] {
  if (typeof node.value === 'object' && node.value !== null) {
    return Object.entries(node.value).flatMap(([key, value]) =>
      checkFormats(
        { value, protoPath: [...node.protoPath, Array.isArray(node.value) ? Number(key) : key] },
        moreCommands,
      ),
    );
  }
  const format = readText(node);
  const fault = format === undefined ? undefined : checkFormat(format, moreCommands);
  return fault === undefined ? [] : [error('format-string', node, fault)];
}

function checkFormat(format: string, moreCommands: boolean): string | undefined {
  const command = /%%|%([A-Z0-9_]+)(?:\((.*?)\))?(?::(\d+))?%/y;
  for (let at = format.indexOf('%'); at >= 0; at = format.indexOf('%', command.lastIndex)) {
    command.lastIndex = at;
    const found = command.exec(format);
    if (!found) {
      return `has a '%' that begins no command, at ${shortFormat(format.slice(at))}; write '%%' for the character`;
    }
    const [, name, argument, length] = found;
    const takes = name === undefined ? undefined : COMMANDS.get(name);
    if (name === undefined || (moreCommands && takes === undefined)) {
      continue;
    }
    if (takes === undefined) {
      return `has the command '${name}', which Envoy does not know${didYouMean(name, COMMANDS.keys())}`;
    }
    if (takes === 'none' && (argument !== undefined || length !== undefined)) {
      return `has ${shortFormat(found[0])}, and ${name} takes neither an argument nor a length; write '%${name}%'`;
    }
    const fault = HEADER_COMMANDS.test(name) && argument ? checkHeaderArgument(argument) : undefined;
    if (fault !== undefined) {
      return `has ${shortFormat(found[0])}, ${fault}`;
    }
    if (takes === 'needed' && (argument === undefined || argument === '')) {
      return `has ${shortFormat(found[0])}, and ${name} needs an argument; write '%${name}(...)%'`;
    }
  }
  return undefined;
}

/** What names one header, and another one to take where that is not there. */
const HEADER_COMMANDS = /^(REQ|RESP|TRAILER|REQUEST_HEADER|RESPONSE_HEADER|RESPONSE_TRAILER)$/;

function checkHeaderArgument(argument: string): string | undefined {
  const names = argument.split('?');
  if (names.length > 2) {
    return "and takes one other header behind a '?'; remove the rest";
  }
  return names.every((name) => /^[!#$%&'*+.^_`|~0-9A-Za-z:-]*$/.test(name))
    ? undefined
    : "which names no header; use letters, digits and '-'";
}

const shortFormat = (text: string) => `'${text.length > 40 ? `${text.slice(0, 37)}...` : text}'`;
