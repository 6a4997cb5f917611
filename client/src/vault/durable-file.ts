import { randomBytes } from 'node:crypto';
import { link, mkdir, open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const ownerOnlyFolder = 0o700;
const ownerOnlyFile = 0o600;

/**
 * Writes files that are either there as a whole or not at all, even when the power fails: a temporary file is written
 * and synced, gets its name in one step, and then the folder is synced.
 */
export class DurableFiles {
  /** @param temporary folder for files being written, on the same file system */
  constructor(private readonly temporary: string) {}

  /** Fails with `EEXIST` when the file is there. */
  async create(file: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#write(file, content, async (written) => {
      // A link, unlike a rename, fails when the name is taken.
      await link(written, file);
      await unlink(written);
    });
  }

  /** Gives a file that was written and synced its name. Fails with `EEXIST` when that is taken. */
  async adopt(written: string, file: string): Promise<void> {
    await makeFolder(dirname(file));
    await link(written, file);
    await unlink(written);
    await syncFolder(dirname(file));
  }

  /** Where a file is written before it has its name; the folder is there. */
  async beginning(name: string): Promise<string> {
    await makeFolder(this.temporary);
    return join(this.temporary, name);
  }

  async replace(file: string, content: Uint8Array): Promise<void> {
    await this.#write(file, one(content), (written) => rename(written, file));
  }

  async remove(file: string): Promise<boolean> {
    try {
      await unlink(file);
    } catch (error) {
      if (isMissing(error)) {
        return false;
      }
      throw error;
    }
    await syncFolder(dirname(file));
    return true;
  }

  async #write(
    file: string,
    content: AsyncIterable<Uint8Array>,
    name: (written: string) => Promise<void>,
  ): Promise<void> {
    await makeFolder(this.temporary);
    await makeFolder(dirname(file));
    const written = join(this.temporary, randomBytes(16).toString('hex'));
    try {
      await writeSynced(written, content);
      await name(written);
    } catch (error) {
      await this.remove(written);
      throw error;
    }
    await syncFolder(dirname(file));
  }
}

/** A new folder is there after a power failure only if the one that lists it was synced. */
async function makeFolder(folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: ownerOnlyFolder });
  if (first === undefined) return;
  for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made));
}

/** Bytes that are written at once, so that small pieces do not cost a call each. */
const writtenAtOnce = 1 << 20;

async function writeSynced(file: string, content: AsyncIterable<Uint8Array>): Promise<void> {
  const handle = await open(file, 'wx', ownerOnlyFile);
  // One write is on its way while the next bytes are made.
  let writing: Promise<void> = Promise.resolve();
  try {
    for await (const pieces of gathered(content)) {
      await writing;
      writing = writeAll(handle, pieces);
      // It may fail while nobody waits for it; whoever does next hears of it.
      writing.catch(() => undefined);
    }
    await writing;
    await handle.sync();
  } finally {
    await writing.catch(() => undefined);
    await handle.close();
  }
}

async function* gathered(content: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Uint8Array[]> {
  let pieces: Uint8Array[] = [];
  let size = 0;
  for await (const bytes of content) {
    pieces.push(bytes);
    size += bytes.length;
    if (size < writtenAtOnce) continue;
    yield pieces;
    [pieces, size] = [[], 0];
  }
  if (size > 0) yield pieces;
}

async function writeAll(handle: FileHandle, pieces: readonly Uint8Array[]): Promise<void> {
  const { bytesWritten } = await handle.writev([...pieces]);
  const size = pieces.reduce((sum, { length }) => sum + length, 0);
  // The system may take less at once than it is given, as it does shortly before a disk is full.
  if (bytesWritten < size) await handle.writeFile(Buffer.concat(pieces).subarray(bytesWritten));
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- an async generator is what makes one value a stream
export async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

export function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

export function isTaken(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'EEXIST';
}
