/** The full name of the message type in an `@type` or `type_url`: what follows the last slash. */
export function typeFromUrl(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1);
}

/** Messages that hold another message as plain JSON in `value`, and name its type in `type_url`. */
export const TYPED_STRUCT_TYPES: ReadonlySet<string> = new Set(['xds.type.v3.TypedStruct', 'udpa.type.v1.TypedStruct']);
