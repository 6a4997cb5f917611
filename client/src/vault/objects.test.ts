import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { VitaledgerError } from '@vitaledger/domain';
import fc from 'fast-check';
import { temporaryFolder } from '../testing/temporary-folder.js';
import type { Content } from './chunks.js';
import { FileVault } from './file-vault.js';
import { readContent, storeContent, type StoredContent } from './objects.js';

const context = { record: 'ab'.repeat(16), version: 1 };
const chunkSize = 64;
const sealedSize = chunkSize + 16;

async function collect(content: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of content) {
    parts.push(part);
  }
  return Buffer.concat(parts);
}

async function* inPieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) {
    await Promise.resolve();
    yield bytes.subarray(at, at + size);
  }
}

function code(expected: string): (error: unknown) => boolean {
  return (error) => error instanceof VitaledgerError && error.code === expected;
}

describe('vault objects', () => {
  const folder = temporaryFolder();
  const vault = (): FileVault => new FileVault(folder());
  const store = (content: Content): Promise<StoredContent> =>
    storeContent(vault(), content, { ...context, chunkSize });
  const read = (stored: StoredContent, of = context): Promise<Buffer> =>
    collect(readContent(vault(), stored, of));
  const file = ({ manifest: { object } }: StoredContent): string =>
    join(folder(), 'objects', object.slice(0, 2), object);

  it('are stored and read in memory that does not grow with them, and one flipped byte is found where it is', async function () {
    // VITALEDGER_LARGE_FILE_MIB=5120 is the full size, for which a run of every day would take too long.
    const mebibytes = Number(process.env.VITALEDGER_LARGE_FILE_MIB ?? 384);
    this.timeout(120_000 + mebibytes * 200);
    const program = join(__dirname, '..', 'testing', 'large-file.js');
    const { stdout } = await promisify(execFile)(process.execPath, [program, folder(), String(mebibytes)]);
    const {
      read: length,
      found,
      grown,
    } = JSON.parse(stdout) as {
      read: number;
      found: unknown;
      grown: number;
    };
    assert.equal(length, mebibytes * 1024 * 1024);
    const sealed = (1 << 20) + 16;
    const flipped = Math.floor((Math.floor((mebibytes * 3) / 4) * (1 << 20)) / sealed);
    assert.deepEqual(found, ['INTEGRITY', flipped]);
    assert.ok(grown < 150, `${grown} MiB for a file of ${mebibytes} MiB`);
  });

  it('are read on from any chunk where an earlier reading ended, each chunk verified in its place', async () => {
    const bytes = randomBytes(5 * chunkSize + 3);
    const stored = await store(bytes);
    class PlainVault extends FileVault {
      override getObjectFrom = undefined as never;
      override getObject(name: string): AsyncIterable<Uint8Array> {
        return FileVault.prototype.getObjectFrom.call(this, name, 0);
      }
    }
    for (const from of [vault(), new PlainVault(folder())]) {
      for (const fromChunk of [0, 1, 4, 5]) {
        const rest = await collect(readContent(from, stored, { ...context, fromChunk }));
        assert.deepEqual(rest, bytes.subarray(fromChunk * chunkSize));
      }
    }
    for (const fromChunk of [-1, 6, 0.5]) {
      await assert.rejects(
        collect(readContent(vault(), stored, { ...context, fromChunk })),
        code('INVALID_ARGUMENT'),
      );
    }
    const sealed = await readFile(file(stored));
    sealed[4 * sealedSize]! ^= 1;
    await writeFile(file(stored), sealed);
    await assert.rejects(
      collect(readContent(vault(), stored, { ...context, fromChunk: 3 })),
      code('INTEGRITY'),
    );
    await writeFile(file(stored), sealed.subarray(0, 4 * sealedSize));
    await assert.rejects(
      collect(readContent(vault(), stored, { ...context, fromChunk: 3 })),
      code('INTEGRITY'),
    );
  });

  it('come back as they were stored, whatever their size and however the stream is cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 400 }),
        fc.integer({ min: 1, max: 150 }),
        async (bytes, size) => {
          const stored = await store(inPieces(bytes, size));
          assert.deepEqual(await read(stored), Buffer.from(bytes));
          assert.equal(stored.manifest.size, bytes.length);
          assert.equal(stored.manifest.chunks, Math.max(1, Math.ceil(bytes.length / chunkSize)));
          assert.equal(stored.manifest.digest, createHash('sha256').update(bytes).digest('hex'));
        },
      ),
      {
        numRuns: 60,
        examples: [
          [new Uint8Array(0), 1],
          [new Uint8Array(chunkSize), 64],
          [new Uint8Array(2 * chunkSize), 7],
        ],
      },
    );
  });

  it('can be stored from a Node stream and from bytes', async () => {
    const bytes = randomBytes(1000);
    assert.deepEqual(await read(await store(Readable.from([bytes]))), bytes);
    assert.deepEqual(await read(await store(bytes)), bytes);
  });

  it('leave another object of the same name alone', async () => {
    const stored = await store(Buffer.from('the first'));
    const { object } = stored.manifest;
    await assert.rejects(
      storeContent(vault(), Buffer.from('the second'), { ...context, object }),
      code('ALREADY_EXISTS'),
    );
    assert.equal((await read(stored)).toString(), 'the first');
  });

  it('are not read by a manifest whose chunks would take all memory, or none', async () => {
    const stored = await store(randomBytes(200));
    for (const bad of [0, -16, 0.5, NaN, 2 ** 40]) {
      const manifest = { ...stored.manifest, chunkSize: bad };
      await assert.rejects(
        read({ ...stored, manifest }),
        (error) => code('INTEGRITY')(error) && (error as Error).message.includes('manifest'),
        String(bad),
      );
    }
  });

  it('hold nothing of the content or of the ledger share in clear', async () => {
    const stored = await store(Buffer.from('Anna Mustermann '.repeat(20)));
    const bytes = await readFile(file(stored));
    assert.equal(bytes.includes('Mustermann'), false);
    const share = await vault().getShare(stored.manifest.object);
    assert.notDeepEqual(Buffer.from(share), Buffer.from(stored.keyShare, 'base64url'));
  });

  it('are refused after any single byte was altered', async () => {
    const stored = await store(randomBytes(150));
    const original = await readFile(file(stored));
    for (let at = 0; at < original.length; at++) {
      const altered = Buffer.from(original);
      altered[at]! ^= 1;
      await writeFile(file(stored), altered);
      await assert.rejects(read(stored), code('INTEGRITY'), `byte ${at}`);
    }
  });

  it('are refused when they were cut off anywhere, and where chunks end too', async () => {
    const stored = await store(randomBytes(3 * chunkSize));
    const original = await readFile(file(stored));
    for (let length = 0; length < original.length; length++) {
      await writeFile(file(stored), original.subarray(0, length));
      await assert.rejects(read(stored), code('INTEGRITY'), `cut to ${length}`);
    }
  });

  it('are refused when chunks were swapped, doubled or appended', async () => {
    const stored = await store(randomBytes(3 * chunkSize));
    const original = await readFile(file(stored));
    const chunk = (index: number): Buffer => original.subarray(index * sealedSize, (index + 1) * sealedSize);
    for (const order of [
      [1, 0, 2],
      [0, 2, 1],
      [0, 0, 2],
      [0, 1, 2, 2],
      [0, 1, 2, 0],
      [0, 2],
    ]) {
      await writeFile(file(stored), Buffer.concat(order.map(chunk)));
      await assert.rejects(read(stored), code('INTEGRITY'), order.join());
    }
    await writeFile(file(stored), original);
    assert.equal((await read(stored)).length, 3 * chunkSize);
  });

  it('are refused as the content of another record or version, or by another key share', async () => {
    const stored = await store(randomBytes(10));
    await assert.rejects(read(stored, { ...context, record: 'cd'.repeat(16) }), code('INTEGRITY'));
    await assert.rejects(read(stored, { ...context, version: 2 }), code('INTEGRITY'));
    await assert.rejects(
      read({ ...stored, keyShare: randomBytes(32).toString('base64url') }),
      code('INTEGRITY'),
    );
  });

  it('are refused when the manifest tells of another content', async () => {
    const stored = await store(randomBytes(10));
    const manifest = { ...stored.manifest, digest: createHash('sha256').update('other').digest('hex') };
    await assert.rejects(read({ ...stored, manifest }), code('INTEGRITY'));
  });

  it('cannot be read any more once either share is erased', async () => {
    const stored = await store(randomBytes(10));
    assert.deepEqual(await vault().erase(stored.manifest.object), { object: true, share: true });
    await assert.rejects(read(stored), code('NOT_FOUND'));
    assert.deepEqual(await vault().erase(stored.manifest.object), { object: false, share: false });
  });

  it('leave nothing behind when the stream fails', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield* inPieces(randomBytes(500), 100);
      throw new Error('the scanner was switched off');
    }
    await assert.rejects(store(failing()), /switched off/);
    assert.deepEqual(await vault().sweep(new Date(Date.now() + 60_000)), { unfinished: 0, orphans: 0 });
  });

  it('are written as the stream yields, not gathered before', async () => {
    let inMemory = 0;
    let most = 0;
    async function* source(): AsyncGenerator<Uint8Array> {
      for (let count = 0; count < 100; count++) {
        inMemory++;
        most = Math.max(most, inMemory);
        yield new Uint8Array(chunkSize);
        await Promise.resolve();
      }
    }
    class Watched extends FileVault {
      override putObject(name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
        async function* watched(): AsyncGenerator<Uint8Array> {
          for await (const bytes of content) {
            inMemory--;
            yield bytes;
          }
        }
        return super.putObject(name, watched());
      }
    }
    await storeContent(new Watched(folder()), source(), { ...context, chunkSize });
    assert.ok(most <= 3, `held ${most} chunks`);
  });
});
