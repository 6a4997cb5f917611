import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { validateBulk, VitaledgerError, type PatientRecords } from '@vitaledger/domain';
import { ScriptedSession } from '../testing/scripted-channel.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { FileVault } from '../vault/file-vault.js';
import type { BulkRecord } from './bulk-load.js';
import { Records } from './records.js';

const patients = ['ab'.repeat(16), 'cd'.repeat(16)] as const;
const basic = (text: string) => ({ resourceType: 'Basic', code: { text } }) as const;

describe('a bulk load', () => {
  const folder = temporaryFolder();

  function load(records: Iterable<BulkRecord> | AsyncIterable<BulkRecord>, batchSize?: number) {
    const session = new ScriptedSession(() => '', new FileVault(folder()));
    const batches = new Records(session).registerBatch(records, batchSize === undefined ? {} : { batchSize });
    const loaded = (): readonly (readonly PatientRecords[])[] =>
      session.inputs('RecordContract:registerBatch').map((input) => validateBulk(input.patients));
    return { batches, loaded };
  }

  it('registers what a stream yields, batch by batch, and reads no further than it has registered', async () => {
    let read = 0;
    async function* source(): AsyncGenerator<BulkRecord> {
      for (; read < 1200;) {
        await Promise.resolve();
        yield { patient: patients[read++ % 2]!, resource: basic('x') };
      }
    }
    const { batches, loaded } = load(source());
    const sizes: number[] = [];
    for await (const { records } of batches) {
      sizes.push(records.length);
      assert.equal(
        read,
        sizes.reduce((sum, size) => sum + size, 0),
      );
    }
    assert.deepEqual(sizes, [500, 500, 200]);
    assert.deepEqual(
      loaded()[0]!.map(({ patient, records }) => [patient, records.length]),
      [
        [patients[0], 250],
        [patients[1], 250],
      ],
    );
  });

  it('ends a batch early where its contents grow large', async () => {
    const large = basic('x'.repeat(6 * 1024 * 1024));
    const { batches } = load(Array.from({ length: 4 }, () => ({ patient: patients[0], resource: large })));
    const sizes: number[] = [];
    for await (const { records } of batches) sizes.push(records.length);
    assert.deepEqual(sizes, [3, 1]);
  });

  it('can be repeated with the same ids: the ledger tells what is there, and nothing stays in the vault', async () => {
    const id = 'ef'.repeat(16);
    const session = new ScriptedSession(() => {
      throw new VitaledgerError('ALREADY_EXISTS', 'taken');
    }, new FileVault(folder()));
    const again = new Records(session).registerBatch([{ patient: patients[0], resource: basic('x'), id }]);
    await assert.rejects(again.next(), { code: 'ALREADY_EXISTS' });
    const left = await readdir(folder(), { recursive: true, withFileTypes: true });
    assert.deepEqual(
      left.filter((entry) => entry.isFile()),
      [],
    );
  });

  it('says which resource is wrong, before anything of its batch is sent', async () => {
    const { batches, loaded } = load([
      { patient: patients[0], resource: basic('x') },
      { patient: patients[0], resource: { resourceType: 'Basik' } as never },
    ]);
    await assert.rejects(batches.next(), { details: { path: 'records[1]' } });
    assert.deepEqual(loaded(), []);
    await assert.rejects(load([], 2001).batches.next(), { code: 'INVALID_ARGUMENT' });
  });
});
