import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { slowContent } from '../testing/interrupted-upload.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { FileVault } from './file-vault.js';
import { readContent, type StoredContent } from './objects.js';
import { continueContent, newUpload, type Upload } from './upload.js';
import type { PartialObject, Vault } from './vault.js';

const chunkSize = 64;

/** Where a vault was written to. */
interface Write {
  readonly from: number;
  readonly to: number;
}

/** A vault in a folder that notes every write to an object, and can fail after so many bytes. */
class WatchedVault extends FileVault {
  readonly writes: Write[] = [];
  left = Infinity;

  override async resumeObject(name: string): Promise<PartialObject> {
    const partial = await super.resumeObject(name);
    return {
      size: partial.size,
      finished: partial.finished,
      read: (offset, length) => partial.read(offset, length),
      write: async (bytes, from) => {
        const taken = bytes.subarray(0, Math.min(bytes.length, this.left));
        await partial.write(taken, from);
        this.writes.push({ from, to: from + taken.length });
        this.left -= taken.length;
        if (taken.length < bytes.length) throw new Error('the vault went down');
      },
      finish: () => partial.finish(),
      close: () => partial.close(),
    };
  }
}

describe('uploads that go on after an interruption', () => {
  const folder = temporaryFolder();
  const contextOf = ({ record }: Upload) => ({ record, version: 1 });
  const put = (vault: Vault, content: Uint8Array, upload: Upload): Promise<StoredContent> =>
    continueContent(vault, content, upload, contextOf(upload));
  const read = async (stored: StoredContent, upload: Upload): Promise<Buffer> => {
    const parts: Uint8Array[] = [];
    for await (const part of readContent(new FileVault(folder()), stored, contextOf(upload)))
      parts.push(part);
    return Buffer.concat(parts);
  };
  const begun = ({ object }: Upload): string => join(folder(), 'temporary', `object-${object}`);

  it('write no byte twice, wherever the vault fails, and hold what was given', async () => {
    const sizes = fc.record({ size: fc.nat(400), cuts: fc.array(fc.nat(300), { maxLength: 4 }) });
    await fc.assert(
      fc.asyncProperty(sizes, async ({ size, cuts }) => {
        const content = randomBytes(size);
        const upload = newUpload({ chunkSize });
        const writes: Write[] = [];
        let stored: StoredContent | undefined;
        for (const left of [...cuts, Infinity]) {
          const vault = new WatchedVault(folder());
          vault.left = left;
          stored = await put(vault, content, upload).catch((error: unknown) => {
            assert.equal((error as Error).message, 'the vault went down');
            return undefined;
          });
          writes.push(...vault.writes);
        }
        let end = 0;
        for (const { from, to } of writes) {
          assert.equal(from, end);
          end = to;
        }
        assert.equal(end, stored!.manifest.size + stored!.manifest.chunks * 16);
        assert.deepEqual(await read(stored!, upload), content);
      }),
      { numRuns: 40 },
    );
  });

  it('go on in another process after this one was killed', async function () {
    this.timeout(60_000);
    const mebibytes = 64;
    const upload = newUpload();
    const note = join(folder(), 'upload.json');
    await writeFile(note, JSON.stringify(upload), { mode: 0o600 });
    const program = join(__dirname, '..', 'testing', 'interrupted-upload.js');
    const child = spawn(process.execPath, [program, folder(), note, String(mebibytes)]);
    const size = async () => (await stat(begun(upload)).catch(() => ({ size: 0 }))).size;
    while ((await size()) < 3 << 20) await new Promise((resolve) => setTimeout(resolve, 5));
    child.kill('SIGKILL');
    await once(child, 'exit');
    const written = await size();
    assert.ok(written < mebibytes << 20, 'it was killed in the middle');
    // A write that was torn by the end of the process.
    await truncate(begun(upload), written - 1000);
    const vault = new WatchedVault(folder());
    const stored = await continueContent(vault, slowContent(mebibytes), upload, contextOf(upload));
    assert.equal(vault.writes[0]?.from, written - 1000);
    assert.equal((await read(stored, upload)).length, mebibytes << 20);
  });

  it('refuse another content, before anything of it is written', async () => {
    const content = randomBytes(300);
    for (const change of [
      (other: Buffer) =>
        Buffer.concat([other.subarray(0, 10), Buffer.from([other[10]! ^ 1]), other.subarray(11)]),
      (other: Buffer) => other.subarray(0, 64),
      (other: Buffer) => other.subarray(0, 20),
    ]) {
      const upload = newUpload({ chunkSize });
      const failing = new WatchedVault(folder());
      failing.left = 150;
      await assert.rejects(put(failing, content, upload), /went down/);
      const vault = new WatchedVault(folder());
      await assert.rejects(put(vault, change(content), upload), { code: 'INTEGRITY' });
      assert.deepEqual(vault.writes, []);
      await put(vault, content, upload);
    }
  });

  it('say so when the vault has altered what it holds', async () => {
    const upload = newUpload({ chunkSize });
    const failing = new WatchedVault(folder());
    failing.left = 100;
    await assert.rejects(put(failing, randomBytes(300), upload));
    await writeFile(begun(upload), randomBytes(100));
    await assert.rejects(put(new FileVault(folder()), randomBytes(300), upload), { code: 'INTEGRITY' });
  });

  it('are known to be there when they were finished, and take nothing more', async () => {
    const content = randomBytes(300);
    const upload = newUpload({ chunkSize });
    const stored = await put(new FileVault(folder()), content, upload);
    const vault = new WatchedVault(folder());
    assert.deepEqual(await put(vault, content, upload), stored);
    await assert.rejects(put(vault, Buffer.concat([content, content]), upload), { code: 'INTEGRITY' });
    await assert.rejects(put(vault, content.subarray(0, 128), upload), { code: 'INTEGRITY' });
    assert.deepEqual(vault.writes, []);
    assert.deepEqual(await read(stored, upload), content);
  });

  it('leave nothing when they are erased, or swept once they are old', async () => {
    const [one, other] = [newUpload({ chunkSize }), newUpload({ chunkSize })];
    for (const upload of [one, other]) {
      const failing = new WatchedVault(folder());
      failing.left = 100;
      await assert.rejects(put(failing, randomBytes(300), upload));
    }
    const vault = new FileVault(folder());
    assert.deepEqual(await vault.erase(one.object), { object: false, share: true });
    await assert.rejects(stat(begun(one)), { code: 'ENOENT' });
    assert.deepEqual(await vault.sweep(new Date(Date.now() + 1000)), { unfinished: 1, orphans: 1 });
    await assert.rejects(stat(begun(other)), { code: 'ENOENT' });
  });

  it('need a vault that can', async () => {
    const vault = new FileVault(folder());
    const plain: Vault = {
      putObject: (name, content) => vault.putObject(name, content),
      getObject: (name) => vault.getObject(name),
      putShare: (name, share) => vault.putShare(name, share),
      getShare: (name) => vault.getShare(name),
      erase: (name) => vault.erase(name),
      store: (kind) => vault.store(kind),
    };
    await assert.rejects(put(plain, randomBytes(10), newUpload()), { details: { reason: 'NOT_RESUMABLE' } });
  });
});
