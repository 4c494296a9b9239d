import { rmSync } from 'node:fs';

/** Removes what `pack` left. */
export default function removePacked(): void {
  rmSync(process.env.TARBALL_FOLDER as string, { recursive: true, force: true });
}
