import { closeSync, copyFileSync, mkdirSync, openSync, statSync, truncateSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * A log file that a process writes to directly, so that it outlives the supervisor. When it exceeds `maxBytes` it is
 * copied to `<file>.1` and emptied; both together are the most that a process's log takes.
 */
export class BoundedLog {
  constructor(
    readonly file: string,
    private readonly maxBytes = 16 * 1024 * 1024,
  ) {}

  /** Opens for appending (so that emptying it needs no word to the writer); the caller closes the descriptor. */
  open(firstLine: string): number {
    mkdirSync(dirname(this.file), { recursive: true, mode: 0o700 });
    const descriptor = openSync(this.file, 'a', 0o600);
    writeSync(descriptor, `${firstLine}\n`);
    return descriptor;
  }

  note(line: string): void {
    closeSync(this.open(line));
  }

  bound(): void {
    const size = statSync(this.file, { throwIfNoEntry: false })?.size ?? 0;
    if (size <= this.maxBytes) return;
    copyFileSync(this.file, `${this.file}.1`);
    truncateSync(this.file);
  }
}
