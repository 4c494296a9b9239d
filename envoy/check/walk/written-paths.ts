import type { Path } from '../../messages/path';

/** One step of a path by proto names. */
interface Step {
  /** The same step in the configuration: none where it writes an item instead of a list, several for a list in a list. */
  written: Path;
  readonly next: Map<string | number, Step>;
}

/**
 * Translates paths by the names of the .proto files into the spelling of a configuration: a field in camelCase, an item
 * instead of a list, a list in a list. It keeps the steps that differ.
 */
export class WrittenPaths {
  private readonly root: Step = { written: [], next: new Map() };

  /** Records how the configuration writes the last step of a path. The later of two spellings counts. */
  public record(protoPath: Path, written: Path): void {
    const differs = written.length !== 1 || written[0] !== protoPath.at(-1);
    if (differs || this.has(protoPath)) {
      this.set(protoPath, written);
    }
  }

  private has(protoPath: Path): boolean {
    let step: Step | undefined = this.root;
    return protoPath.every((name) => {
      step = step?.next.get(name);
      return step !== undefined;
    });
  }

  private set(protoPath: Path, written: Path): void {
    let step = this.root;
    for (const name of protoPath) {
      const next = step.next.get(name) ?? { written: [name], next: new Map() };
      step.next.set(name, next);
      step = next;
    }
    step.written = written;
  }

  public translate(protoPath: Path): Path {
    let step: Step | undefined = this.root;
    return protoPath.flatMap((name) => {
      step = step?.next.get(name);
      return step?.written ?? [name];
    });
  }
}
