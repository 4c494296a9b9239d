import type { Construct } from '../cdk';

/**
 * Puts the path of the construct before what its constructor refuses: `my-stack/sidecar: port must be …`. A stack often has
 * several with the same options.
 */
export function withConstructPath<Kind extends abstract new (...props: never) => Construct>(kind: Kind): Kind {
  return new Proxy(kind, {
    construct(target, args, newTarget) {
      try {
        return Reflect.construct(target, args, newTarget);
      } catch (error) {
        const [scope, id]: [Construct | undefined, string] = [args[0], args[1]];
        throw prefixMessage(error, [scope?.node?.path, id].filter((part) => part).join('/'));
      }
    },
  });
}

/** The same error, so that its stack still leads to where it comes from. */
function prefixMessage(error: unknown, path: string): unknown {
  if (error instanceof Error) {
    const { message, stack } = error;
    error.message = `${path}: ${message}`;
    error.stack = stack?.replace(message, () => error.message) ?? '';
  }
  return error;
}
