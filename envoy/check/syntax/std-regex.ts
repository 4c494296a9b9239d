/**
 * What the regular expressions of C++, by which Envoy finds tags in the names of statistics, do not take. They are those of
 * ECMAScript's third edition, with classes as `[[:alpha:]]`. JavaScript's own reader, at its strictest, knows the rest.
 */
export function checkStdRegex(pattern: string): string | undefined {
  const [group] = /\(\?(?![:=!]).{0,2}/s.exec(pattern.replace(/\\./gs, '__')) ?? [];
  if (group !== undefined) {
    return `has '${group}', and what begins with '(?' here is '(?:', '(?=' or '(?!'`;
  }
  const [property] = /\\[pP]/.exec(pattern.replaceAll('\\\\', '')) ?? [];
  if (property !== undefined) {
    return `has '${property}', which ECMAScript did not know then; write for example '[[:alpha:]]'`;
  }
  const unknown = [...pattern.matchAll(/\[:(\w*):\]/g)].find(([, name = '']) => !CLASSES.test(name));
  if (unknown) {
    return `has the class '${unknown[0]}', which is not there; write for example '[[:alpha:]]'`;
  }
  try {
    new RegExp(toJavaScript(pattern), 'u');
    return undefined;
  } catch (error) {
    const [why = ''] = /[^:]*$/.exec(error instanceof Error ? error.message : '') ?? [];
    return `is no expression of ECMAScript: ${why.trim().toLowerCase()}`;
  }
}

const CLASSES = /^(alnum|alpha|blank|cntrl|digit|d|graph|lower|print|punct|s|space|upper|w|xdigit)$/;

/** Without what C++ takes and JavaScript does not: more characters behind a backslash, ranges of any order, classes in classes. */
function toJavaScript(pattern: string): string {
  return pattern
    .replace(/\\[^A-Za-z0-9]/gsu, (escaped) => (/[\^$\\.*+?()[\]{}|/]$/.test(escaped) ? escaped : '_'))
    .replace(/\[(?:\[:\w+:\]|\\.|[^\\\]])*\]/gs, '.');
}
