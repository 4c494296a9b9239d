import { Token } from './cdk';

/**
 * Text as Terraform must see it to mean just that text: its own `${` and `%{` escaped, the toolkit's tokens kept.
 * Everything that a user wrote passes here once, on its way into a resource.
 *
 * @see https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences
 */
export function terraformText(text: string): string {
  return text.replace(/\$\{(?!TfToken\[)/g, '$$${').replace(/%\{/g, '%%{');
}

/** Whether Terraform will know the value, and we don't. */
export function isToken(value: string | number): boolean {
  return Token.isUnresolved(value);
}
