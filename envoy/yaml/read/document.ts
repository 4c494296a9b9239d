import { Composer, type CST, type Document, Lexer, Parser, type YAMLParseError } from 'yaml';
import { assertEscapes, type Format } from './escapes';
import { MAX_DEPTH, nestedTooDeeply, ReadError } from './refusal';
import { explainSyntaxError } from './syntax-fault';

/** Bounds time and memory: so many pieces of text take about ten seconds and a gigabyte. */
const MAX_PIECES = 4_000_000;

/** The document and a scalar are on the parser's stack too. */
const MAX_STACK = MAX_DEPTH + 2;

/** What the lexer says before text without quotes and before that of a block. */
const SCALAR = '\u001f';

/** Each is a warning that the composer keeps. */
const MAX_DIRECTIVES = 100;

export interface FirstDocument {
  readonly document: Document.Parsed;
  /** Where a second document begins, which Envoy doesn't read. */
  readonly next: number | undefined;
}

/** The first document of the text, as no other is read by Envoy, and as far as it can be parsed in bounded time. */
export function parseFirstDocument(text: string, format: Format): FirstDocument {
  const { tokens, next } = tokenize(text, format);
  assertDirectives(tokens);
  // No tag means anything to Envoy, and keys are compared by us.
  const composer = new Composer({
    schema: 'failsafe',
    resolveKnownTags: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const [document] = composer.compose(tokens, true, text.length);
  if (document === undefined) {
    throw new ReadError(0, 'empty', 'is empty');
  }
  const [error] = document.errors.filter(({ code }) => code !== 'TAG_RESOLVE_FAILED').sort(compareOffsets);
  if (error) {
    const { offset, message } = explainSyntaxError(text, error.pos[0], error.message);
    throw new ReadError(offset, 'yaml', `is not YAML: ${message}`);
  }
  return { document, next };
}

const compareOffsets = (one: YAMLParseError, other: YAMLParseError) => one.pos[0] - other.pos[0];

function tokenize(text: string, format: Format): { tokens: CST.Token[]; next: number | undefined } {
  const parser = new Parser();
  const tokens: CST.Token[] = [];
  let pieces = 0;
  let previous = '';
  for (const piece of new Lexer().lex(text)) {
    pieces += 1;
    if (pieces > MAX_PIECES) {
      throw new ReadError(
        parser.offset,
        'size',
        `has more than ${MAX_PIECES} words and signs, which is too much to check`,
      );
    }
    if (piece.startsWith('"') && previous !== SCALAR) {
      assertEscapes(piece, parser.offset, format);
    }
    previous = piece;
    tokens.push(...parser.next(piece));
    if ((piece === '---' || piece === '...') && tokens.some(({ type }) => type === 'document')) {
      return { tokens, next: findContentAfter(text, parser.offset) };
    }
    if (parser.stack.length > MAX_STACK) {
      throw nestedTooDeeply(parser.offset);
    }
  }
  tokens.push(...parser.end());
  return { tokens, next: undefined };
}

/** The next line that is neither empty, a comment nor the end of a document. */
function findContentAfter(text: string, offset: number): number | undefined {
  const content = /^(?!\.\.\.)[^#\s]/gm;
  content.lastIndex = offset;
  return content.exec(text)?.index;
}

/** Of `%YAML`, Envoy takes one, with a version below 2, which changes nothing. */
function assertDirectives(tokens: readonly CST.Token[]): void {
  const directives = tokens.flatMap((token) => (token.type === 'directive' ? [token] : []));
  const versions = directives.filter(({ source }) => /^%YAML(?!\S)/.test(source));
  const wrong =
    versions.find(({ source }, index) => index > 0 || !/^%YAML\s+1\.\d+\s*$/.test(source)) ??
    directives[MAX_DIRECTIVES];
  if (wrong) {
    throw new ReadError(
      wrong.offset,
      'directive',
      'Envoy takes `%YAML 1.2` once, and needs no such line; leave it out',
    );
  }
}
