/** Returns the name of the files of a feature: `rate-limit` for `rateLimit`. */
export const kebabCase = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
