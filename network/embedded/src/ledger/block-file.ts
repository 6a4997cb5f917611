import { constants, closeSync, fsyncSync, openSync, readSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';

import { LedgerStorageError } from './errors.js';

/**
 * Blocks, one after the other: a file header, then records of length (4 bytes, big-endian), CRC-32 of length and
 * content (4 bytes), content. Only ever appended to; what a crash left half-written at the end is cut off on recovery.
 */
export interface BlockRecords {
  /** Where the next record begins. */
  readonly end: number;
  /** Appends all records with one write and, with `sync`, one flush; returns where each begins. */
  append(records: readonly Buffer[], sync: boolean): Promise<number[]>;
  /** The content of the record that begins at `offset`. */
  read(offset: number): Promise<Buffer>;
  /** Bytes inside a record's content. */
  slice(offset: number, start: number, length: number): Promise<Buffer>;
  /** Hands over the whole records from `offset` on, in order; returns where the last of them ends. */
  scan(offset: number, onRecord: (offset: number, content: Buffer) => Promise<void>): Promise<number>;
  /** Drops everything from `end` on: what a crash left half-written. */
  truncate(end: number): Promise<void>;
  close(): Promise<void>;
}

const FILE_HEADER = Buffer.from('VLBLOCK1');
export const FIRST_RECORD = FILE_HEADER.length;
const RECORD_HEADER = 8;

/** Where the record after the one with this content begins. */
export function endOfRecord(offset: number, content: Uint8Array): number {
  return offset + RECORD_HEADER + content.length;
}

function recordHeader(content: Buffer): Buffer {
  const header = Buffer.allocUnsafe(RECORD_HEADER);
  header.writeUInt32BE(content.length, 0);
  header.writeUInt32BE(crc32(content, crc32(header.subarray(0, 4))), 4);
  return header;
}

function matches(header: Buffer, content: Buffer): boolean {
  return header.readUInt32BE(4) === crc32(content, crc32(header.subarray(0, 4)));
}

export async function openBlockFile(path: string): Promise<BlockRecords> {
  const file = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  try {
    const { size } = await file.stat();
    if (size < FIRST_RECORD) {
      await file.truncate(0);
      await file.write(FILE_HEADER, 0, FILE_HEADER.length, 0);
      await file.sync();
      syncDirectory(dirname(path));
      return new BlockFile(file, path, FIRST_RECORD);
    }
    const header = Buffer.alloc(FIRST_RECORD);
    await file.read(header, 0, FIRST_RECORD, 0);
    if (!header.equals(FILE_HEADER)) {
      throw new LedgerStorageError('DAMAGED', `${path} is not a block file of this ledger`);
    }
    return new BlockFile(file, path, size);
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** A new file survives a power cut only when its directory entry does. */
function syncDirectory(path: string): void {
  const directory = openSync(path, constants.O_RDONLY);
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

class BlockFile implements BlockRecords {
  constructor(
    readonly file: FileHandle,
    readonly path: string,
    public end: number,
  ) {}

  async append(records: readonly Buffer[], sync: boolean): Promise<number[]> {
    const offsets: number[] = [];
    const parts: Buffer[] = [];
    let offset = this.end;
    for (const content of records) {
      offsets.push(offset);
      parts.push(recordHeader(content), content);
      offset += RECORD_HEADER + content.length;
    }
    const bytes = Buffer.concat(parts);
    for (let written = 0; written < bytes.length;) {
      const result = await this.file.write(bytes, written, bytes.length - written, this.end + written);
      written += result.bytesWritten;
    }
    if (sync) {
      await this.file.datasync();
    }
    this.end = offset;
    return offsets;
  }

  async read(offset: number): Promise<Buffer> {
    const header = await this.#bytes(offset, RECORD_HEADER);
    const content = await this.#bytes(offset + RECORD_HEADER, header.readUInt32BE(0));
    if (!matches(header, content)) {
      throw this.#damaged(offset);
    }
    return content;
  }

  slice(offset: number, start: number, length: number): Promise<Buffer> {
    return this.#bytes(offset + RECORD_HEADER + start, length);
  }

  async scan(offset: number, onRecord: (offset: number, content: Buffer) => Promise<void>): Promise<number> {
    let position = offset;
    for (;;) {
      const content = this.#recordAt(position);
      if (content === undefined) {
        return position;
      }
      await onRecord(position, content);
      position = endOfRecord(position, content);
    }
  }

  async truncate(end: number): Promise<void> {
    await this.file.truncate(end);
    await this.file.sync();
    this.end = end;
  }

  /** The whole record, or `undefined` where no whole record is. Synchronous: recovery has nothing else to do. */
  #recordAt(offset: number): Buffer | undefined {
    if (offset + RECORD_HEADER > this.end) {
      return undefined;
    }
    const header = Buffer.allocUnsafe(RECORD_HEADER);
    readSync(this.file.fd, header, 0, RECORD_HEADER, offset);
    const length = header.readUInt32BE(0);
    if (offset + RECORD_HEADER + length > this.end) {
      return undefined;
    }
    const content = Buffer.allocUnsafe(length);
    readSync(this.file.fd, content, 0, length, offset + RECORD_HEADER);
    return matches(header, content) ? content : undefined;
  }

  async #bytes(offset: number, length: number): Promise<Buffer> {
    if (offset + length > this.end) {
      throw this.#damaged(offset);
    }
    const bytes = Buffer.allocUnsafe(length);
    for (let filled = 0; filled < length;) {
      const { bytesRead } = await this.file.read(bytes, filled, length - filled, offset + filled);
      if (bytesRead === 0) {
        throw this.#damaged(offset);
      }
      filled += bytesRead;
    }
    return bytes;
  }

  #damaged(offset: number): LedgerStorageError {
    return new LedgerStorageError(
      'DAMAGED',
      `${this.path} is damaged at byte ${offset}: restore it from a backup, or remove the ledger's directory`,
    );
  }

  close(): Promise<void> {
    return this.file.close();
  }
}

/** The same in memory, for tests. */
export class MemoryBlockRecords implements BlockRecords {
  end = FIRST_RECORD;
  readonly #records = new Map<number, Buffer>();

  append(records: readonly Buffer[]): Promise<number[]> {
    const offsets = records.map((content) => {
      const offset = this.end;
      this.#records.set(offset, content);
      this.end += RECORD_HEADER + content.length;
      return offset;
    });
    return Promise.resolve(offsets);
  }

  read(offset: number): Promise<Buffer> {
    const record = this.#records.get(offset);
    return record === undefined
      ? Promise.reject(new LedgerStorageError('DAMAGED', `no block begins at ${offset}`))
      : Promise.resolve(record);
  }

  async slice(offset: number, start: number, length: number): Promise<Buffer> {
    return (await this.read(offset)).subarray(start, start + length);
  }

  async scan(offset: number, onRecord: (offset: number, content: Buffer) => Promise<void>): Promise<number> {
    for (const [position, content] of this.#records) {
      if (position >= offset) {
        await onRecord(position, content);
      }
    }
    return this.end;
  }

  truncate(end: number): Promise<void> {
    for (const position of [...this.#records.keys()].filter((start) => start >= end)) {
      this.#records.delete(position);
    }
    this.end = end;
    return Promise.resolve();
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
