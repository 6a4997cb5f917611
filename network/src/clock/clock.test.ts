import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { digestOf } from '@vitaledger/domain';
import { Administrator } from '../consortium/administrator.js';
import { administratorsOf } from '../consortium/administrators.js';
import { foundConsortium } from '../consortium/found.js';
import { foundingDocument } from '../consortium/founding-document.js';
import type { Network } from '../network/network.js';
import { startNetwork } from '../network/start.js';
import { readTopology } from '../topology/read.js';
import { topologies } from '../topology/topologies.js';

describe('consortium and clock', function () {
  this.timeout(120_000);
  const source = readTopology(topologies.default);
  const topology = {
    ...source,
    clock: { intervalSeconds: 1, skewSeconds: 30 },
    chaincodes: source.chaincodes.filter(({ name }) => name === 'care'),
  };
  let folder: string;
  let network: Network;
  let administrators: Administrator[];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'clock-'));
    network = await startNetwork({ topology, directory: join(folder, 'net') });
    const options = administratorsOf(topology, network.directory, topology.chaincodes[0]!);
    administrators = await Promise.all(options.map((one) => Administrator.connect(one)));
  });
  after(async () => {
    for (const administrator of administrators) administrator.close();
    await network.stop();
    rmSync(folder, { recursive: true });
  });

  const clockOf = async (administrator: Administrator) =>
    JSON.parse(await administrator.evaluate('clock')) as { beat: number; instant: string };

  it('have the founding document adopted by all members, with or without peers', async () => {
    const expected = foundingDocument(topology, topology.channels[0]!);
    assert.deepEqual(Object.keys(expected.organizations).sort(), [
      'ClinicMSP',
      'EthicsMSP',
      'HospitalMSP',
      'PharmacyMSP',
      'ResearchMSP',
    ]);
    for (const administrator of administrators) {
      assert.deepEqual(JSON.parse(await administrator.evaluate('document')), expected);
    }
    const proposal = JSON.parse(await administrators[0]!.evaluate('proposal', digestOf(expected))) as {
      votes: Record<string, true>;
    };
    assert.equal(Object.keys(proposal.votes).length, 5);
  });

  it('are not founded a second time', async () => {
    const document = foundingDocument(
      { ...topology, clock: { intervalSeconds: 5, skewSeconds: 5 } },
      topology.channels[0]!,
    );
    assert.equal(await foundConsortium(administrators, document), false);
  });

  it('tell the contract’s code of a refusal', async () => {
    await assert.rejects(administrators[0]!.evaluate('proposal', '00'.repeat(32)), {
      name: 'ContractRefusal',
      code: 'NOT_FOUND',
    });
  });

  it('go on by another organization while the one that beat last is down', async () => {
    const [hospital, clinic] = administrators as [Administrator, Administrator];
    const before = await clockOf(hospital);
    while ((await clockOf(hospital)).beat === before.beat) await sleep(100);
    await network.stopPeer('hospital');
    const down = await clockOf(clinic);
    const deadline = Date.now() + 30_000;
    while ((await clockOf(clinic)).beat < down.beat + 2) {
      assert(Date.now() < deadline, 'the clock stands still');
      await sleep(100);
    }
    await network.startPeer('hospital');
  });
});
