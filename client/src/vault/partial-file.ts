import { open, type FileHandle } from 'node:fs/promises';
import type { PartialObject } from './vault.js';

/** An object that is being written to a file, or is there already. Writes are at their place, so two that write the same do no harm. */
export class PartialFile implements PartialObject {
  readonly #handle: FileHandle;
  readonly #name: () => Promise<void>;

  private constructor(
    handle: FileHandle,
    readonly size: number,
    readonly finished: boolean,
    name: () => Promise<void>,
  ) {
    this.#handle = handle;
    this.#name = name;
  }

  /** @param name gives the written file its name; not called for one that has it */
  static async open(file: string, finished: boolean, name: () => Promise<void>): Promise<PartialFile> {
    const handle = finished ? await open(file, 'r') : await openForWriting(file);
    return new PartialFile(handle, (await handle.stat()).size, finished, name);
  }

  async read(offset: number, length: number): Promise<Uint8Array> {
    const { buffer, bytesRead } = await this.#handle.read(Buffer.alloc(length), 0, length, offset);
    return buffer.subarray(0, bytesRead);
  }

  async write(bytes: Uint8Array, offset: number): Promise<void> {
    for (let written = 0; written < bytes.length;) {
      const rest = bytes.length - written;
      written += (await this.#handle.write(bytes, written, rest, offset + written)).bytesWritten;
    }
  }

  async finish(): Promise<void> {
    if (this.finished) return;
    await this.#handle.sync();
    await this.#name();
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** Not for appending: the place of each write is given. */
async function openForWriting(file: string): Promise<FileHandle> {
  await (await open(file, 'a', 0o600)).close();
  return open(file, 'r+');
}
