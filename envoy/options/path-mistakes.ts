import { isReference } from './terraform-tokens';

/** Why a path matches no request, and what to write instead. */
export interface PathMistake {
  readonly problem: string;
  readonly remedy: string;
}

/** How a path is compared: to the letter, by a template's segments, or by an expression. */
export type PathKind = 'text' | 'exact' | 'template' | 'regex';

type Check = (text: string, kind: PathKind) => PathMistake | undefined;

/** A path that no request has once Envoy has normalized it, so that its rule would silently not be there. */
export function pathMistake(text: string, kind: PathKind): PathMistake | undefined {
  const checks = kind === 'regex' ? EXPRESSIONS : PATHS;
  for (const check of checks) {
    const mistake = check(text, kind);
    if (mistake) {
      return mistake;
    }
  }
  return undefined;
}

const quoted = (text: string) => `'${text}'`;

/** The path before a wildcard at the end, if that is all that the pattern adds to a text. */
function above(text: string): string | undefined {
  const [, path] = /^((?:\/[\w.~-]+)*)\/(?:\*\*?|\(?\.[*+]\)?)$/.exec(text) ?? [];
  return path === '' ? '/' : path;
}

/** `/users/:id` and `/users/<int:id>` as a template. */
function asTemplate(text: string): string {
  return text
    .replace(/\/(?::(\w+)[?*+]?|<(?:\w+:)?(\w+)>|\[(\w+)\])(?=\/|$)/g, (_, ...names) => `/{${names.find(Boolean)}}`)
    .replace(/\{(\w+):[^}]*\}/g, '{$1}')
    .replace(/\(?\.[*+]\)?/g, '**');
}

const named: Check = (text, kind) => {
  // A template has braces of its own, and Envoy checks what is in them.
  const [name] =
    /(?<=\/)(?::[A-Za-z_]\w*|\[[A-Za-z_]\w*\](?=\/|$))|<[^/]*>/.exec(text) ??
    (kind === 'template' ? [] : (/\{[^/]*\}/.exec(text) ?? []));
  return name === undefined
    ? undefined
    : {
        problem: `must not hold ${quoted(name)}, which no path has`,
        remedy: `write { template: ${quoted(asTemplate(text))} }`,
      };
};

const wildcard: Check = (text, kind) => {
  const [sign] = (kind === 'template' ? /\(?\.[*+]\)?$/ : /\(?\.[*+]\)?|\*\*?/).exec(text) ?? [];
  if (sign === undefined) {
    return undefined;
  }
  const path = above(text);
  const template = `write { template: ${quoted(asTemplate(text))} }`;
  return {
    problem: `must not hold ${quoted(sign)}, which is compared as it is`,
    remedy: kind === 'text' && path ? `write ${quoted(path)}, as text already covers everything below` : template,
  };
};

const expression: Check = (text) =>
  /[[\]|^\\]|\(\?|\$$/.test(text)
    ? {
        problem: 'must not hold signs of an expression, which are compared as they are',
        remedy: `write { regex: ${quoted(text)} }`,
      }
    : undefined;

const query: Check = (text) =>
  /[?#]/.test(text)
    ? {
        problem: "must hold no '?' and no '#', as paths are compared without them",
        remedy: `write ${quoted(text.replace(/[?#].*$/, '') || '/')}`,
      }
    : undefined;

const absolute: Check = (text) => {
  if (text.startsWith('/')) {
    return undefined;
  }
  const [, host, path = '/'] = /^[a-z]+:\/\/([^/]*)(\/.*)?$/i.exec(text) ?? [];
  return {
    problem: "must start with '/'",
    remedy: host === undefined ? "write for example '/api'" : `write ${quoted(path)}, and the host in hosts`,
  };
};

const printable: Check = (text, kind) =>
  (kind === 'template' ? /[^\x21-\x7e]|["`]/ : /[^\x21-\x7e]|["`{}<>]/).test(text)
    ? {
        problem: 'must hold no space and nothing that has to be encoded in a URL',
        remedy: `write ${quoted(encodeURI(text.trim()))}`,
      }
    : undefined;

const encoded: Check = (text) => {
  const [refused] = /%(?![0-9a-f]{2})|%[01][0-9a-f]|%7f/i.exec(text) ?? [];
  if (refused !== undefined) {
    return {
      problem: `must not hold ${quoted(refused)}, which no request comes through with`,
      remedy: refused === '%' ? "write '%25' for the sign itself" : 'leave it out',
    };
  }
  // The characters that never have to be encoded.
  const [hidden] = /%(?:2[de]|3\d|[46][1-9a-f]|[57][0-9a]|5f|7e)/i.exec(text) ?? [];
  return hidden === undefined
    ? undefined
    : {
        problem: `must not hold ${quoted(hidden)}, which Envoy decodes before it compares`,
        remedy: `write ${quoted(decodeURIComponent(hidden))}`,
      };
};

const reference: Check = (text) =>
  isReference(text)
    ? { problem: 'must be known before Terraform applies', remedy: 'write it as a literal' }
    : undefined;

const segments: Check = (text) =>
  /\/\.{1,2}(?:\/|$)/.test(text)
    ? {
        problem: "must not hold '.' or '..' as a segment, which Envoy resolves before it compares",
        remedy: `write ${quoted(new URL(text, 'http://api').pathname)}`,
      }
    : undefined;

const trailing: Check = (text, kind) =>
  kind === 'text' && text.length > 1 && text.endsWith('/')
    ? {
        problem: "must not end with '/'",
        remedy: `write ${quoted(text.replace(/\/+$/, '') || '/')}, as text already covers everything below`,
      }
    : undefined;

const PATHS: readonly Check[] = [
  reference,
  absolute,
  named,
  wildcard,
  expression,
  query,
  printable,
  encoded,
  segments,
  trailing,
];

/** Without its classes and what is escaped, which may be anything. */
const bare = (regex: string) => regex.replace(/\\./g, '').replace(/\[\^?\]?[^\]]*\]/g, '');

const beginning: Check = (regex) => {
  const [, first] = /^(?:\(\?[a-z]+\)|\^)*([^\\/.([^?*+])(?![?*{])/i.exec(regex) ?? [];
  return first !== undefined && !bare(regex).includes('|')
    ? { problem: "must fit paths, which start with '/'", remedy: `write ${quoted(`/${regex.replace(/^\^/, '')}`)}` }
    : undefined;
};

const questioned: Check = (regex) =>
  /\\[?#]|#/.test(regex.replace(/\[\^?\]?[^\]]*\]/g, '')) || / /.test(bare(regex))
    ? {
        problem: "must not ask for '?', '#' or a space, as paths are compared without their query",
        remedy: 'leave that part out',
      }
    : undefined;

const EXPRESSIONS: readonly Check[] = [reference, beginning, questioned];
