import { ReadError } from './refusal';

const TAB_IN_INDENTATION = /[ \t]*\r?\n(?: *\r?\n)*( *)\t/y;

/**
 * Refuses a tab in the indentation of a line, even one that has nothing else, after text without quotes: Envoy's reader
 * looks there for more of that text.
 */
export function assertNoTabAfter(text: string, [start, end]: readonly [number, number, number]): void {
  TAB_IN_INDENTATION.lastIndex = end;
  const [all, spaces] = TAB_IN_INDENTATION.exec(text) ?? [];
  if (all === undefined || spaces === undefined) {
    return;
  }
  const line = text.lastIndexOf('\n', start) + 1;
  const indentation = text.slice(line, start).search(/[^ ]|$/);
  if (spaces.length <= indentation) {
    throw new ReadError(end + all.length - 1, 'tab', 'Envoy takes no tab here, not even in an empty line; remove it');
  }
}
