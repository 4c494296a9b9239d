import { isReference } from '../../envoy/host-api';
import { Token } from '../cdk';

/** A reference as the toolkit writes it into a text, in full: what only looks like the beginning of one is text. */
const TOKEN = '\\$\\{TfToken\\[[a-zA-Z0-9:._-]+\\]\\}';
const TOKENS_AND_MARKERS = new RegExp(`(${TOKEN})|(\\$+?(?=${TOKEN})|\\$+)|%\\{`, 'g');

/**
 * Signs that combine with what follows (Unicode's Grapheme_Cluster_Break=Prepend, as the Arabic number sign), before what
 * JSON writes with a backslash or a quote: Terraform's JSON scanner goes by graphemes, and overlooks those two there.
 */
const PREPENDED_MARKS =
  /[\u0600-\u0605\u06dd\u070f\u0890\u0891\u08e2\u0d4e\u{110bd}\u{110cd}\u{111c2}\u{111c3}\u{113d1}\u{1193f}\u{11941}\u{11a3a}\u{11a84}-\u{11a89}\u{11d46}\u{11f02}](?=["\\\p{Cc}]|$)/gu;

/** Terraform's time for a text grows with the square of the parts between two expressions: 10,000 lines take it 20 s. */
const FIFTY_PARTS = /(?:[^\n}]*[\n}]){50}/g;
const LONG_TEXT_LENGTH = 32_768;

/** An expression that adds nothing. */
const EMPTY_EXPRESSION = '${""}';

/**
 * Text as Terraform must see it to mean just that text: its own `${` and `%{` escaped, the toolkit's tokens kept.
 * Everything that a user wrote passes here once, on its way into a resource.
 *
 * @see https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences
 */
export function escapeText(text: string): string {
  const escaped = isReference(text) ? escapeAroundTokens(text) : text.replace(/[$%](?=\{)/g, '$&$&');
  // Terraform takes a byte order mark at the very beginning away.
  const whole = escaped.replace(/^(?=\ufeff)/, EMPTY_EXPRESSION).replace(PREPENDED_MARKS, `$&${EMPTY_EXPRESSION}`);
  return whole.length < LONG_TEXT_LENGTH ? whole : whole.replace(FIFTY_PARTS, `$&${EMPTY_EXPRESSION}`);
}

/**
 * The toolkit takes `$${` for the beginning of an expression as well, and writes tokens up to the next brace without the
 * braces that they need; and Terraform takes a `$` before a token's braces for their escape. An expression of its own is
 * neither.
 */
function escapeAroundTokens(text: string): string {
  return text.replace(TOKENS_AND_MARKERS, (_, token?: string, dollars?: string) =>
    token !== undefined ? token : dollars !== undefined ? `\${"${dollars}"}` : '%%{',
  );
}

/** The keys of an object, as Terraform must see them: they are texts with references too. */
export function escapeKeys<Value>(values: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [escapeText(key), value]));
}

/** Whether Terraform will know the value, and we don't. */
export function isToken(value: string | number): boolean {
  return Token.isUnresolved(value);
}
