import type { Vitaledger } from '@vitaledger/client';
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { eventually } from '../harness/eventually.js';
import { as } from '../harness/suite-network.js';

const folder = join(__dirname, '../../../../shared/data/clinicaltrials');

describe('real records of ClinicalTrials.gov', () => {
  let sponsor: Vitaledger;
  let reader: Vitaledger;

  before(async function () {
    if (!existsSync(folder)) {
      console.warn('      SKIPPED: no real ClinicalTrials.gov records beside the project');
      this.skip();
    }
    sponsor = await as('research', 'sponsor');
    reader = await as('hospital', 'service');
  });

  it('come back from the ledger as they went in, and can be found and measured', async () => {
    const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
    assert.ok(files.length > 0);
    for (const file of files) {
      const record = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Record<string, unknown>;
      const { trial } = await sponsor.trials.register(record);
      assert.deepEqual((await sponsor.trials.get(trial)).record, record, file);
      const number = file.slice(0, -'.json'.length);
      const found = await eventually(
        () => reader.trials.get(number),
        () => true,
      );
      assert.equal(found.id, trial);
      const { packs, clocks } = await reader.trials.clocks(number, '2026-06-01T00:00:00.000Z');
      assert.equal(packs.find(({ pack }) => pack === 'us-42cfr11')?.verdict, 'undetermined', file);
      assert.equal(clocks.find(({ clock }) => clock === 'icmje-prospective')?.status, 'met-late', file);
      const listed: string[] = [];
      for await (const one of reader.trials.search({ country: 'United States', recruitment: 'COMPLETED' }))
        listed.push(one.id);
      const { statusModule } = record.protocolSection as { statusModule: { overallStatus: string } };
      assert.equal(listed.includes(trial), statusModule.overallStatus === 'COMPLETED', file);
    }
  });
});
