import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { FIRST_RECORD, openBlockFile } from './block-file.js';
import { LedgerStorageError } from './errors.js';

const RECORDS = ['first', 'second', 'last'].map((content) => Buffer.from(content));

describe('the block file', () => {
  let directory: string;
  let path: string;
  let whole: Buffer;
  let offsets: number[];

  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'block-file-'));
    path = join(directory, 'blocks');
    const file = await openBlockFile(path);
    offsets = [
      ...(await file.append(RECORDS.slice(0, 1), true)),
      ...(await file.append(RECORDS.slice(1), true)),
    ];
    await file.close();
    whole = await readFile(path);
  });

  after(() => rm(directory, { recursive: true }));

  /** What is found in a file with these bytes, before and after its tail is cut off. */
  async function recovered(content: Uint8Array): Promise<string[]> {
    await writeFile(path, content);
    const file = await openBlockFile(path);
    try {
      const found: string[] = [];
      const end = await file.scan(FIRST_RECORD, (_offset, record) => {
        found.push(record.toString());
        return Promise.resolve();
      });
      await file.truncate(end);
      const [offset] = await file.append([Buffer.from('next')], false);
      assert.equal((await file.read(offset!)).toString(), 'next');
      return found;
    } finally {
      await file.close();
    }
  }

  it('gives back each record and any part of it', async () => {
    await writeFile(path, whole);
    const file = await openBlockFile(path);
    for (const [index, record] of RECORDS.entries()) {
      assert.deepEqual(await file.read(offsets[index]!), record);
    }
    assert.equal((await file.slice(offsets[1]!, 2, 3)).toString(), 'con');
    await file.close();
  });

  it('keeps all whole records at every length that a crash may leave, and goes on from there', async () => {
    for (let length = 0; length <= whole.length; length++) {
      const complete = RECORDS.filter((record, index) => offsets[index]! + 8 + record.length <= length);
      assert.deepEqual(await recovered(whole.subarray(0, length)), complete.map(String), `length ${length}`);
    }
  });

  it('never takes a record with a flipped bit for a whole one', async () => {
    const last = offsets[2]!;
    for (let bit = 0; bit < (whole.length - last) * 8; bit++) {
      const damaged = Buffer.from(whole);
      damaged[last + (bit >> 3)]! ^= 1 << (bit & 7);
      assert.deepEqual(await recovered(damaged), RECORDS.slice(0, 2).map(String), `bit ${bit}`);
    }
  });

  it('drops what the device filled with zeros', async () => {
    assert.deepEqual(await recovered(Buffer.concat([whole, Buffer.alloc(4096)])), RECORDS.map(String));
  });

  it('says which file is damaged when a record cannot be read', async () => {
    const damaged = Buffer.from(whole);
    damaged[offsets[1]! + 10]! ^= 1;
    await writeFile(path, damaged);
    const file = await openBlockFile(path);
    await assert.rejects(
      file.read(offsets[1]!),
      (error) =>
        error instanceof LedgerStorageError && error.code === 'DAMAGED' && error.message.includes(path),
    );
    await file.close();
  });

  it('refuses a file of another kind', async () => {
    await writeFile(path, 'something else entirely');
    await assert.rejects(openBlockFile(path), LedgerStorageError);
  });
});
