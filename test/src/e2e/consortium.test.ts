import type { ConsortiumDocument } from '@vitaledger/domain';
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { refused } from '../harness/refusal.js';
import { as } from '../harness/suite-network.js';

describe('the consortium', () => {
  const next = (document: ConsortiumDocument): ConsortiumDocument => ({
    ...document,
    version: document.version + 1,
  });

  it('is founded on both channels with the organizations of the topology', async () => {
    const hospital = await as('hospital', 'service');
    const care = await hospital.consortium.document('care');
    assert.deepEqual(Object.keys(care.organizations).sort(), [
      'ClinicMSP',
      'EthicsMSP',
      'HospitalMSP',
      'PharmacyMSP',
      'ResearchMSP',
    ]);
    assert.deepEqual(care.organizations.ResearchMSP?.kinds, ['research', 'sponsor']);
    const registry = await hospital.consortium.document('registry');
    assert.deepEqual(Object.keys(registry.organizations).sort(), ['EthicsMSP', 'HospitalMSP', 'ResearchMSP']);
  });

  it('changes only when admins of more than half of the organizations vote for it', async () => {
    const admins = await Promise.all(
      (['hospital', 'ethics', 'research'] as const).map((name) => as(name, 'Admin')),
    );
    const [hospital, ethics, research] = admins as [
      (typeof admins)[0],
      (typeof admins)[0],
      (typeof admins)[0],
    ];
    const document = next(await hospital.consortium.document('registry'));
    const { digest } = await hospital.consortium.propose('registry', document);
    const before = await research.consortium.document('registry');
    assert.equal(before.version, document.version - 1);
    const vote = await ethics.consortium.vote('registry', digest);
    assert.equal(vote.adopted, true);
    assert.equal((await research.consortium.document('registry')).version, document.version);
    await refused('CONFLICT', research.consortium.vote('registry', digest));
  });

  it('takes no vote from anybody but an admin', async () => {
    const service = await as('hospital', 'service');
    const document = next(await service.consortium.document('care'));
    await refused('PERMISSION_DENIED', service.consortium.propose('care', document));
    await refused('PERMISSION_DENIED', service.consortium.beat('care'));
  });

  it('refuses a document whose version does not follow', async () => {
    const admin = await as('hospital', 'Admin');
    const document = await admin.consortium.document('care');
    await refused('CONFLICT', admin.consortium.propose('care', document));
  });

  it('moves its clock forward, never back, and not so often that nobody else gets anything committed', async () => {
    const admin = await as('clinic', 'Admin');
    const before = await admin.consortium.clock('care');
    const { clock } = await admin.consortium.document('care');
    await sleep(Math.max(0, Date.parse(before.instant) + clock.intervalSeconds * 100 - Date.now()));
    // The network's own clock may have beaten meanwhile; then this one is too soon, and another is due in a moment.
    const beat = await admin.consortium.beat('care').catch(() => admin.consortium.clock('care'));
    assert.ok(beat.beat > before.beat);
    assert.ok(beat.instant > before.instant);
    assert.ok((await admin.consortium.clock('care')).beat >= beat.beat);
    const error = await refused('CONFLICT', admin.consortium.beat('care'));
    assert.equal(error.details.reason, 'BEAT_TOO_SOON');
  });
});
