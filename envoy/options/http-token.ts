/**
 * A token of HTTP, such as the name of a header.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9110#name-tokens
 */
export const HTTP_TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
