import { rmSync } from 'node:fs';

/** Removes the folder that `pack` created. */
export default function removePacked(): void {
  rmSync(process.env.TARBALL_FOLDER as string, { recursive: true, force: true });
}
