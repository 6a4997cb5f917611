import { mkdir, readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { VitaledgerError } from '@vitaledger/domain';
import type { EventPosition } from '../connection/follow.js';
import { DurableFiles, isMissing } from '../vault/durable-file.js';
import type { Checkpoint, EventSource } from './checkpoint.js';
import { ProcessLock } from './process-lock.js';

/** How often a checkpoint is written. */
export interface FileCheckpointOptions {
  /**
   * Milliseconds between two writes at least; 0 (the default) writes after every event. What was handled since the last write comes
   * again after the process was killed; {@link FileCheckpoint.close} writes what is outstanding.
   */
  readonly interval?: number;
}

/** What is in the file. */
interface Saved {
  readonly version: 1;
  readonly source: EventSource;
  readonly position?: { readonly block: string } & Omit<EventPosition, 'block'>;
}

/**
 * A checkpoint in a file. It is written to the disk as a whole or not at all, belongs to one stream of one channel of one network, and
 * to one process at a time.
 *
 * @example
 * ```typescript
 * await using checkpoint = await FileCheckpoint.open('trials.checkpoint');
 * for await (const event of ledger.events.trials({ checkpoint, signal })) await handle(event);
 * ```
 */
export class FileCheckpoint implements Checkpoint, AsyncDisposable {
  readonly file: string;
  readonly #files: DurableFiles;
  readonly #lock: ProcessLock;
  readonly #interval: number;
  #source: EventSource | undefined;
  #outstanding: EventPosition | undefined;
  #written = 0;

  private constructor(file: string, lock: ProcessLock, interval: number) {
    this.file = file;
    this.#files = new DurableFiles(dirname(file));
    this.#lock = lock;
    this.#interval = interval;
  }

  /** @throws VitaledgerError `PRECONDITION_FAILED` when another process works with it */
  static async open(file: string, { interval = 0 }: FileCheckpointOptions = {}): Promise<FileCheckpoint> {
    const path = resolve(file);
    await mkdir(dirname(path), { recursive: true });
    return new FileCheckpoint(path, await ProcessLock.acquire(path), interval);
  }

  /**
   * @throws VitaledgerError `PRECONDITION_FAILED` when the file is of another stream, channel or network; `INTEGRITY` when it is no
   *   checkpoint
   */
  async load(source: EventSource): Promise<EventPosition | undefined> {
    const saved = await this.#read();
    if (saved && !isSame(saved.source, source)) {
      throw new VitaledgerError(
        'PRECONDITION_FAILED',
        `The checkpoint ${this.file} is of ${named(saved.source)}, not of ${named(source)}: use another file`,
        { reason: 'OTHER_SOURCE' },
      );
    }
    this.#source = source;
    return positionOf(saved);
  }

  async save(position: EventPosition): Promise<void> {
    this.#outstanding = position;
    if (performance.now() - this.#written >= this.#interval) await this.#write();
  }

  /** Writes what is outstanding and lets other processes go on from here. */
  async close(): Promise<void> {
    try {
      await this.#write();
    } finally {
      await this.#lock.release();
    }
  }

  /** Gives the file free for other processes; for `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #write(): Promise<void> {
    const position = this.#outstanding;
    if (!position || !this.#source) return;
    const { block, ...rest } = position;
    const saved: Saved = {
      version: 1,
      source: this.#source,
      position: { block: block.toString(), ...rest },
    };
    await this.#files.replace(this.file, Buffer.from(`${JSON.stringify(saved)}\n`));
    this.#outstanding = undefined;
    this.#written = performance.now();
  }

  async #read(): Promise<Saved | undefined> {
    let text: string;
    try {
      text = await readFile(this.file, 'utf8');
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
    return parsed(text, this.file);
  }
}

function parsed(text: string, file: string): Saved {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw noCheckpoint(file);
  }
  if (!isSaved(value)) throw noCheckpoint(file);
  return value;
}

function isSaved(value: unknown): value is Saved {
  if (typeof value !== 'object' || value === null) return false;
  const { version, source, position } = value as Partial<Record<keyof Saved, unknown>>;
  return version === 1 && isObject(source) && isObject(position) && /^\d+$/.test(String(position.block));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Going on from the beginning instead would do everything again. */
function noCheckpoint(file: string): VitaledgerError {
  return new VitaledgerError(
    'INTEGRITY',
    `${file} is not a checkpoint of this version, or was altered: restore it, or remove it to begin anew`,
    { reason: 'CHECKPOINT_DAMAGED' },
  );
}

function isSame(one: EventSource, other: EventSource): boolean {
  return one.networkId === other.networkId && one.channel === other.channel && one.stream === other.stream;
}

function named({ networkId, channel, stream }: EventSource): string {
  return `${stream} of channel ${channel} of network ${networkId.slice(0, 8)}…`;
}

function positionOf(saved: Saved | undefined): EventPosition | undefined {
  if (!saved?.position) return undefined;
  return { ...saved.position, block: BigInt(saved.position.block) };
}
