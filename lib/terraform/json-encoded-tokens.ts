import { type Construct, Fn, TerraformLocal } from '../cdk';
import { escapeText } from './escape';

/**
 * Writes texts with references into YAML: as expressions that become JSON strings, which YAML reads alike. So whatever
 * Terraform puts there (`on`, `a: b`, quotes, lines) arrives in Envoy as exactly that text.
 *
 * The text stands in a local value, since the toolkit leaves quotes, backslashes and `%{` in arguments of functions as
 * they are. `format` makes a text of numbers and booleans, and refuses null. See
 * docs/decisions/0006-references-in-the-configuration.md.
 */
export function createReferenceWriter(scope: Construct): (text: string) => string {
  const locals = new Map<string, TerraformLocal>();
  return (text) => {
    const local = locals.get(text) ?? new TerraformLocal(scope, `text-${locals.size + 1}`, escapeText(text));
    locals.set(text, local);
    return Fn.jsonencode(Fn.format('%s', [local.asString]));
  };
}
