import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { SimulationError } from './errors.js';
import { verifyLedger } from './index.js';
import { decodeKeyValueSet, decodeReadWriteSet } from './read-write-set-decoder.js';
import { bytes, keysOf, MEMBERS, TestChannel, text } from './testing/test-channel.js';

const VALID = 0;

function sha256(value: string | Uint8Array): string {
  return createHash('sha256').update(value).digest('hex');
}

describe('private data', () => {
  let channel: TestChannel;
  let directory: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'private-data-'));
    channel = await TestChannel.open({ directory });
    channel.collections.set('cc/c', MEMBERS);
    channel.collections.set('cc/short', { ...MEMBERS, blockToLive: 2n });
  });

  afterEach(async () => {
    await channel.ledger.close();
    const { difference } = await verifyLedger(directory);
    await rm(directory, { recursive: true });
    assert.equal(difference, undefined);
  });

  const get = (key: string, mspId?: string, collection = 'c') =>
    channel.read(async (simulator) => text(await simulator.getPrivateData('cc', collection, key)), mspId);
  const hash = (key: string, collection = 'c') =>
    channel.read((simulator) => simulator.getPrivateDataHash('cc', collection, key), 'ResearchMSP');
  const put = (key: string, value: string, collection = 'c') =>
    channel.submit((simulator) => {
      simulator.putPrivateData('cc', collection, key, bytes(value));
    });

  it('is in the public read-write set only as hashes', async () => {
    const { result } = await channel.propose((simulator) => {
      simulator.putPrivateData('cc', 'c', 'key', bytes('value'));
    });
    const collection = decodeReadWriteSet(result.publicReadWriteSet)[0]?.collections[0];
    const write = collection?.writes[0];
    assert.equal(Buffer.from(write!.keyHash).toString('hex'), sha256('key'));
    assert.equal(Buffer.from(write!.valueHash).toString('hex'), sha256('value'));
    const privateBytes = result.privateWrites
      ?.getNsPvtRwsetList()[0]
      ?.getCollectionPvtRwsetList()[0]
      ?.getRwset_asU8();
    assert.equal(Buffer.from(collection!.privateHash).toString('hex'), sha256(privateBytes!));
    assert.equal(text(decodeKeyValueSet(privateBytes!).writes[0]?.value), 'value');
    assert.equal(Buffer.from(result.publicReadWriteSet).includes('value'), false);
  });

  it('is read by members of the collection; others have its hash and no value', async () => {
    assert.equal(await put('k', 'v'), VALID);
    assert.equal(await get('k'), 'v');
    assert.equal(await get('k', 'ClinicMSP'), 'v');
    assert.equal(Buffer.from((await hash('k'))!).toString('hex'), sha256('v'));
    await assert.rejects(
      get('k', 'ResearchMSP'),
      new SimulationError(
        'private data matching public hash version is not available. Public hash version = {BlockNum: 1, TxNum: 0}, Private data version = <nil>',
      ),
    );
    assert.equal(await get('absent', 'ResearchMSP'), undefined);
    const range = (mspId: string) =>
      channel.read(
        async (simulator) => keysOf(await simulator.getPrivateDataRange('cc', 'c', '', '')),
        mspId,
      );
    assert.deepEqual(await range('ClinicMSP'), ['k']);
    assert.deepEqual(await range('ResearchMSP'), []);
  });

  it('conflicts through the version of its hash', async () => {
    await put('k', 'v');
    const readers = [
      await channel.propose((simulator) => simulator.getPrivateData('cc', 'c', 'k')),
      await channel.propose((simulator) => simulator.getPrivateDataHash('cc', 'c', 'k')),
    ];
    await put('k', 'v2');
    assert.deepEqual(await channel.commit(...readers), [11, 11]);
  });

  it('is committed without its values when nobody kept them, and those are then missing', async () => {
    await put('k', 'old');
    const proposal = await channel.propose(
      (simulator) => {
        simulator.putPrivateData('cc', 'c', 'k', bytes('new'));
      },
      { keep: false },
    );
    assert.deepEqual(await channel.commit(proposal), [VALID]);
    await assert.rejects(
      get('k'),
      /is not available\. Public hash version = \{BlockNum: 2, TxNum: 0\}, Private data version = \{BlockNum: 1, TxNum: 0\}/,
    );
    assert.equal(Buffer.from((await hash('k'))!).toString('hex'), sha256('new'));
  });

  it('is taken only from writes that hash to what the block says', async () => {
    const proposal = await channel.propose(
      (simulator) => {
        simulator.putPrivateData('cc', 'c', 'k', bytes('endorsed'));
      },
      { keep: false },
    );
    for (const value of ['forged', 'endorsed', 'forged too']) {
      const other = await channel.propose(
        (simulator) => {
          simulator.putPrivateData('cc', 'c', 'k', bytes(value));
        },
        { keep: false },
      );
      await channel.ledger.keepPrivateWrites(proposal.id, other.result.privateWrites!);
    }
    await channel.commit(proposal);
    assert.equal(await get('k'), 'endorsed');
  });

  it('stays endorsed over a restart and until its retention ends', async () => {
    const early = await channel.propose((simulator) => {
      simulator.putPrivateData('cc', 'c', 'k', bytes('v'));
    });
    await channel.emptyBlocks(5);
    await channel.reopen();
    assert.deepEqual(await channel.commit(early), [VALID]);
    assert.equal(await get('k'), 'v');
  });

  it('is not kept for ever when no block comes', async () => {
    await channel.ledger.close();
    const short = await TestChannel.open({ transientBlockRetention: 3 });
    short.collections.set('cc/c', MEMBERS);
    const forgotten = await short.propose((simulator) => {
      simulator.putPrivateData('cc', 'c', 'k', bytes('v'));
    });
    await short.emptyBlocks(7);
    await short.commit(forgotten);
    await assert.rejects(
      short.read((simulator) => simulator.getPrivateData('cc', 'c', 'k')),
      /is not available/,
    );
    await short.ledger.close();
    await channel.reopen();
  });

  it('gets the version of its hash when only metadata is written', async () => {
    await put('k', 'v');
    await channel.submit((simulator) => {
      simulator.putPrivateDataMetadata('cc', 'c', 'k', 'note', bytes('n'));
    });
    assert.equal(await get('k'), 'v');
    const metadata = await channel.read((simulator) => simulator.getPrivateDataMetadata('cc', 'c', 'k'));
    assert.equal(text(metadata.get('note')), 'n');
    const keyHash = Buffer.from(sha256('k'), 'hex');
    assert.equal(text(channel.ledger.committedMetadata('cc', 'c', keyHash).get('note')), 'n');
  });

  it('is deleted, and the delete is remembered until a purge', async () => {
    await put('k', 'v');
    await channel.submit((simulator) => {
      simulator.deletePrivateData('cc', 'c', 'k');
    });
    assert.equal(await get('k'), undefined);
    assert.equal(await hash('k'), undefined);
    const [, writes] = [...(await channel.ledger.privateDataOf(1n, 'HospitalMSP', channel))][0]!;
    assert.ok(Buffer.from(writes.serializeBinary()).includes('v'));
  });

  it('is delivered with its block to members, by transaction', async () => {
    const proposals = await Promise.all(
      ['a', 'b'].map((key) =>
        channel.propose((simulator) => {
          simulator.putPrivateData('cc', 'c', key, bytes(`value ${key}`));
          simulator.putPrivateData('cc', 'short', key, bytes(`short ${key}`));
        }),
      ),
    );
    await channel.commit(...proposals);
    channel.collections.set('cc/short', { ...MEMBERS, members: ['HospitalMSP'], blockToLive: 2n });
    const delivered = await channel.ledger.privateDataOf(1n, 'ClinicMSP', channel);
    assert.deepEqual([...delivered.keys()], [0, 1]);
    const [namespace] = delivered.get(1)!.getNsPvtRwsetList();
    assert.deepEqual(
      namespace?.getCollectionPvtRwsetList().map((set) => set.getCollectionName()),
      ['c'],
    );
    assert.equal((await channel.ledger.privateDataOf(1n, 'ResearchMSP', channel)).size, 0);
    const own = await channel.ledger.privateDataOf(1n, 'HospitalMSP', channel);
    assert.deepEqual(own.get(0)!.serializeBinary(), proposals[0]!.result.privateWrites!.serializeBinary());
  });

  it('expires with the block after its blockToLive, unless it was written again', async () => {
    await put('k', 'first', 'short');
    await put('renewed', 'first', 'short');
    await put('renewed', 'second', 'short');
    await channel.emptyBlocks(0);
    assert.equal(await get('k', undefined, 'short'), 'first', 'height 4: two blocks after block 1');
    await channel.emptyBlocks(1);
    assert.equal(await get('k', undefined, 'short'), undefined);
    assert.equal(await hash('k', 'short'), undefined);
    assert.equal((await channel.ledger.privateDataOf(1n, 'HospitalMSP', channel)).size, 0);
    await channel.emptyBlocks(1);
    assert.equal(
      await get('renewed', undefined, 'short'),
      'second',
      'only the older write is due in block 5',
    );
    await channel.emptyBlocks(1);
    assert.equal(await get('renewed', undefined, 'short'), undefined);
  });

  it('expires also when its blocks come in one group', async () => {
    const written = await channel.propose((simulator) => {
      simulator.putPrivateData('cc', 'short', 'k', bytes('v'));
    });
    const others = await Promise.all([1, 2, 3].map(() => channel.propose(() => undefined)));
    await channel.commitGroup([[written], ...others.map((proposal) => [proposal])]);
    assert.equal(await hash('k', 'short'), undefined);
    assert.equal(await get('k', undefined, 'short'), undefined);
  });

  describe('that is purged', () => {
    const CANARY = 'canary-5b1f0c';

    async function filesWith(needle: string): Promise<string[]> {
      const found: string[] = [];
      for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
        const path = join(entry.parentPath, entry.name);
        if (entry.isFile() && (await readFile(path)).includes(needle)) {
          found.push(path);
        }
      }
      return found;
    }

    async function writeThenPurge(keepPurge: boolean): Promise<void> {
      await put(`${CANARY}-key`, `${CANARY} first`);
      await channel.submit((simulator) => {
        simulator.putPrivateData('cc', 'c', `${CANARY}-key`, bytes(`${CANARY} second`));
        simulator.putPrivateData('cc', 'c', 'other', bytes('stays'));
      });
      assert.ok((await filesWith(CANARY)).length > 0, 'the search finds what is there');
      await channel.commit(
        await channel.propose(
          (simulator) => {
            simulator.purgePrivateData('cc', 'c', `${CANARY}-key`);
          },
          { keep: keepPurge },
        ),
      );
    }

    for (const keepPurge of [true, false]) {
      it(`is gone from reads, deliveries and files, ${keepPurge ? 'with' : 'without'} the purge's own private writes`, async () => {
        await writeThenPurge(keepPurge);
        assert.equal(await get(`${CANARY}-key`), undefined);
        assert.equal(await hash(`${CANARY}-key`), undefined);
        assert.equal(await get('other'), 'stays');
        for (const block of [1n, 2n, 3n]) {
          for (const writes of (await channel.ledger.privateDataOf(block, 'HospitalMSP', channel)).values()) {
            assert.equal(Buffer.from(writes.serializeBinary()).includes(CANARY), false);
          }
        }
        await channel.ledger.close();
        assert.deepEqual(await filesWith(CANARY), []);
        await channel.reopen();
        assert.equal(await get('other'), 'stays');
      });
    }

    it('is gone from the files also when a simulation that could still see it was running', async () => {
      const early = channel.simulator();
      await writeThenPurge(true);
      await early.release();
      await channel.ledger.close();
      assert.deepEqual(await filesWith(CANARY), []);
      await channel.reopen();
    });

    it('may be written again', async () => {
      await writeThenPurge(true);
      await put(`${CANARY}-key`, 'new');
      assert.equal(await get(`${CANARY}-key`), 'new');
    });

    it('spares what a later transaction of the same block writes', async () => {
      await put('k', 'old');
      const purge = await channel.propose((simulator) => {
        simulator.purgePrivateData('cc', 'c', 'k');
      });
      const write = await channel.propose((simulator) => {
        simulator.putPrivateData('cc', 'c', 'k', bytes('new'));
      });
      await channel.commit(purge, write);
      assert.equal(await get('k'), 'new');
    });
  });
});
