/** Why there is nothing to say about a file: a wrong argument, or no text in it. */
export class UsageError extends Error {}
