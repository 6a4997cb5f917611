import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSameProcess } from './process-identity.js';

/** A process that was started by us: enough to prove, later, that a pid is still that process. */
export interface PidRecord {
  readonly name: string;
  readonly pid: number;
  readonly identity: string;
}

/** `run/<name>.json`, one per process that runs. */
export class PidFiles {
  constructor(private readonly folder: string) {}

  write(record: PidRecord): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const file = this.file(record.name);
    writeFileSync(`${file}.partial`, JSON.stringify(record));
    renameSync(`${file}.partial`, file);
  }

  remove(name: string): void {
    rmSync(this.file(name), { force: true });
  }

  /** Those still running; files of others are removed on the way. */
  living(): readonly PidRecord[] {
    if (!existsSync(this.folder)) return [];
    return readdirSync(this.folder).flatMap((file) => {
      const record = parse(join(this.folder, file));
      if (record && isSameProcess(record.pid, record.identity)) return [record];
      rmSync(join(this.folder, file), { force: true });
      return [];
    });
  }

  private file(name: string): string {
    return join(this.folder, `${name}.json`);
  }
}

function parse(file: string): PidRecord | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as PidRecord;
  } catch {
    // Written by half when the machine went down: it names no process that could still run.
    return undefined;
  }
}
