/** What a feature refuses at one place: bounds, the lower the stricter, and lists of what passes, the shorter the stricter. */
export type Restrictions = Readonly<Record<string, number | readonly string[]>>;
