import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReleasedRecord } from '../../access/released-record.js';
import { temporaryFolder } from '../../testing/temporary-folder.js';
import { writeInto } from './record-export-commands.js';
import { shownRecords } from './released-records.js';

/** As a custodian tells of it. */
function released(id: string, type = 'Observation'): ReleasedRecord {
  const metadata = { id, class: type, version: 1, mediaType: 'application/pdf', codes: [], labels: [] };
  return {
    metadata,
    accompanying: [],
    content: async function* () {
      yield await Promise.resolve(Buffer.from('content'));
    },
  } as unknown as ReleasedRecord;
}

describe('the files of records that a custodian released', () => {
  const folder = temporaryFolder();
  const id = '5'.repeat(32);
  const files = async () => (await readdir(folder(), { recursive: true })).sort();

  it('lie in the folder that was named', async () => {
    const output = join(folder(), 'in');
    await shownRecords({ output }, 'HospitalMSP', [released(id)]);
    await writeInto(output)(released(id));
    assert.deepEqual(await files(), ['in', `in/${id}`, `in/Observation-${id}-1.pdf`]);
  });

  it('lie nowhere else, whatever the custodian calls a record', async () => {
    const output = join(folder(), 'in');
    for (const name of ['../out', `../${id}`, '..', '.bashrc', '/etc/out', 'a\\b', '']) {
      await assert.rejects(writeInto(output)(released(name)), { code: 'INTEGRITY' }, name);
    }
    for (const record of [released(id, '../out'), released('/../../out')]) {
      await assert.rejects(shownRecords({ output }, 'HospitalMSP', [record]), { code: 'INTEGRITY' });
    }
    assert.deepEqual(await files(), []);
  });
});
