import { existsSync, readFileSync } from 'node:fs';

/** Files to search, without the zeros that logs and write-ahead files are preallocated with. */
export function* fileContents(paths: readonly string[]): Generator<{ name: string; bytes: Buffer }> {
  for (const path of paths) {
    if (!existsSync(path)) continue;
    const bytes = readFileSync(path);
    let end = bytes.length;
    while (end > 0 && bytes[end - 1] === 0) end--;
    if (end > 0) yield { name: path, bytes: bytes.subarray(0, end) };
  }
}
