import assert from 'node:assert/strict';
import { cp, mkdtemp, open, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { common } from '@hyperledger/fabric-protos';

import { blockHeaderHash, commitHashOf, metadataOf, MetadataSlot } from './block-codec.js';
import { LedgerStorageError } from './errors.js';
import { openKeyValueStore } from './key-value-store.js';
import type { LedgerStorageErrorCode } from './errors.js';
import { verifyLedger } from './index.js';
import { stateKeyBytes, publicKey } from './state-key.js';
import {
  bytes,
  endorserEnvelope,
  envelope,
  genesisBlock,
  makeBlock,
  TestChannel,
  text,
} from './testing/test-channel.js';

function isStorageError(code: LedgerStorageErrorCode): (error: unknown) => boolean {
  return (error) => error instanceof LedgerStorageError && error.code === code;
}

describe("a channel's ledger", () => {
  let directory: string;
  let channel: TestChannel;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'channel-ledger-'));
    channel = await TestChannel.open({ directory });
  });

  afterEach(async () => {
    await channel.ledger.close();
    await rm(directory, { recursive: true, force: true });
  });

  const put = (key: string, value: string) =>
    channel.submit((simulator) => {
      simulator.putState('cc', key, bytes(value));
    });
  const get = (key: string) => channel.read(async (simulator) => text(await simulator.getState('cc', key)));
  const proposal = (key: string, id?: string) =>
    channel.propose(
      (simulator) => {
        simulator.putState('cc', key, bytes('v'));
      },
      id === undefined ? {} : { id },
    );

  it('begins with its genesis block, whose configuration is in the state', async () => {
    assert.equal(channel.ledger.height, 1n);
    const genesis = await channel.ledger.block(0n);
    assert.deepEqual([...metadataOf(genesis!, MetadataSlot.TRANSACTIONS_FILTER)], [0]);
    assert.equal(commitHashOf(genesis!).length, 0);
    const config = await channel.read((simulator) =>
      simulator.getState('', 'resourcesconfigtx.CHANNEL_CONFIG_KEY'),
    );
    assert.equal(text(config), 'channel configuration');
  });

  it('finds blocks by number and hash, and transactions by their id, also after it was opened again', async () => {
    const hash = channel.ledger.lastHash;
    await channel.commit(await proposal('a', 'tx-a'), await proposal('b', 'tx-b'));
    for (const round of ['open', 'reopened']) {
      assert.equal(channel.ledger.height, 2n, round);
      assert.deepEqual(channel.ledger.transaction('tx-b'), { block: 1n, index: 1, code: 0 });
      assert.equal(channel.ledger.transaction('tx-c'), undefined);
      const block = await channel.ledger.block(1n);
      assert.deepEqual(Buffer.from(block!.getHeader()!.getPreviousHash_asU8()), Buffer.from(hash));
      assert.deepEqual(blockHeaderHash(block!.getHeader()!), Buffer.from(channel.ledger.lastHash));
      const found = await channel.ledger.blockByHash(channel.ledger.lastHash);
      assert.deepEqual(found?.serializeBinary(), block?.serializeBinary());
      assert.equal(await channel.ledger.block(2n), undefined);
      assert.equal(await channel.ledger.blockByHash(Buffer.alloc(32)), undefined);
      await channel.reopen();
    }
  });

  it('keeps invalid transactions and burns their ids, and the first one with an id stays the one found', async () => {
    const first = await proposal('a', 'twice');
    await channel.ledger.commit(
      [
        {
          block: makeBlock(1n, channel.ledger.lastHash, [
            endorserEnvelope('twice', first.result.publicReadWriteSet),
            endorserEnvelope('twice', first.result.publicReadWriteSet),
            Buffer.from('no envelope at all'),
          ]),
          codes: [10, 9, 2],
        },
      ],
      channel,
    );
    await channel.commit(await proposal('b', 'twice'));
    assert.deepEqual(channel.ledger.transaction('twice'), { block: 1n, index: 0, code: 10 });
    assert.equal(await get('a'), undefined);
    const block = await channel.ledger.block(1n);
    assert.deepEqual([...metadataOf(block!, MetadataSlot.TRANSACTIONS_FILTER)], [10, 9, 2]);
  });

  it('gives results that nobody can read the code that Fabric gives them', async () => {
    const noAction = envelope(common.HeaderType.ENDORSER_TRANSACTION, 'a', new Uint8Array());
    const noSet = endorserEnvelope('b', Buffer.from([0x12, 0xff]));
    const block = makeBlock(1n, channel.ledger.lastHash, [noAction, noSet]);
    const [committed] = await channel.ledger.commit([{ block, codes: [0, 0] }], channel);
    assert.deepEqual(committed?.codes, [16, 255]);
    assert.deepEqual(committed.transactionIds, ['a', 'b']);
  });

  it('commits several blocks as one group as it commits them one by one', async () => {
    const other = await TestChannel.open();
    const proposals = [await proposal('a', 'x'), await proposal('b', 'y'), await proposal('a', 'z')];
    const group = await channel.commitGroup(proposals.map((one) => [one]));
    for (const one of proposals) {
      await other.commit(one);
    }
    assert.deepEqual(
      group.map(({ codes }) => codes),
      [[0], [0], [0]],
    );
    for (const number of [1n, 2n, 3n]) {
      const [block, twin] = [await channel.ledger.block(number), await other.ledger.block(number)];
      assert.deepEqual(block?.serializeBinary(), twin?.serializeBinary());
    }
    await other.ledger.close();
  });

  it('refuses a block that does not continue the chain, and stays as it was', async () => {
    const good = await proposal('a');
    const envelopes = [endorserEnvelope(good.id, good.result.publicReadWriteSet)];
    const { lastHash } = channel.ledger;
    const otherData = makeBlock(1n, lastHash, envelopes);
    otherData.getData()?.setDataList([Buffer.from('other')]);
    const wrong = [
      { block: makeBlock(2n, lastHash, envelopes), codes: [0 as const] },
      { block: makeBlock(1n, Buffer.alloc(32), envelopes), codes: [0 as const] },
      { block: makeBlock(1n, lastHash, envelopes), codes: [] },
      { block: otherData, codes: [0 as const] },
    ];
    for (const input of wrong) {
      await assert.rejects(channel.ledger.commit([input], channel), isStorageError('NOT_NEXT_BLOCK'));
    }
    assert.equal(channel.ledger.height, 1n);
    assert.deepEqual(await channel.commit(good), [0]);
  });

  it('wakes those who wait for its height, and lets them give up', async () => {
    const never = new AbortController();
    const reached = channel.ledger.waitForHeight(1n, never.signal);
    const beyond = channel.ledger.waitForHeight(2n, never.signal);
    await channel.ledger.waitForHeight(0n, never.signal);
    await put('k', 'v');
    await reached;
    never.abort(new Error('given up'));
    await assert.rejects(beyond, /given up/);
    const waiting = channel.ledger.waitForHeight(99n, new AbortController().signal);
    await Promise.all([assert.rejects(waiting, isStorageError('CLOSED')), channel.ledger.close()]);
    await assert.rejects(channel.ledger.block(0n), isStorageError('CLOSED'));
    assert.throws(() => channel.simulator(), isStorageError('CLOSED'));
  });

  it('refuses a directory that is open, or that began with another genesis block', async () => {
    await assert.rejects(TestChannel.open({ directory }), isStorageError('LOCKED'));
    await channel.ledger.close();
    await assert.rejects(
      TestChannel.open({ directory, genesis: genesisBlock('another channel') }),
      isStorageError('OTHER_CHANNEL'),
    );
    await channel.reopen();
  });

  it('computes its state again from the blocks', async () => {
    await put('a', '1');
    await put('b', '2');
    await channel.ledger.close();
    await rm(join(directory, 'state'), { recursive: true });
    await channel.reopen();
    assert.equal(await get('b'), '2');
    assert.equal(
      (await channel.read(async (simulator) => (await simulator.getHistory('cc', 'a')).next(9))).length,
      1,
    );
    assert.equal(channel.ledger.height, 3n);
  });

  it('does not take a folder without a ledger for one in order', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'no-ledger-'));
    await assert.rejects(verifyLedger(empty), { code: 'NOT_FOUND' });
    await rm(empty, { recursive: true });
  });

  it('drops a block that was not acknowledged, whatever part of it was written', async () => {
    await put('a', '1');
    await channel.ledger.close();
    const blocks = join(directory, 'blocks');
    const before = (await stat(blocks)).size;
    await cp(directory, `${directory}-before`, { recursive: true });
    await channel.reopen();
    await put('a', '2');
    await channel.ledger.close();
    const whole = await readFile(blocks);
    for (const cut of [1, 7, 8, 9, Math.floor((whole.length - before) / 2), whole.length - before - 1]) {
      await rm(directory, { recursive: true });
      await cp(`${directory}-before`, directory, { recursive: true });
      await writeFile(blocks, whole.subarray(0, before + cut));
      await channel.reopen();
      assert.equal(channel.ledger.height, 2n);
      assert.equal(await get('a'), '1');
      assert.equal(await put('a', 'again'), 0);
      await channel.ledger.close();
      assert.deepEqual(await verifyLedger(directory), { height: 3n, difference: undefined });
    }
    await rm(`${directory}-before`, { recursive: true });
  });

  it('refuses to open when a committed block is cut off or damaged', async () => {
    await put('a', '1');
    await channel.ledger.close();
    const blocks = join(directory, 'blocks');
    const whole = await readFile(blocks);
    await truncate(blocks, whole.length - 1);
    await assert.rejects(TestChannel.open({ directory }), isStorageError('DAMAGED'));
    whole[whole.length - 3]! ^= 1;
    await writeFile(blocks, whole);
    await assert.rejects(TestChannel.open({ directory }), isStorageError('DAMAGED'));
    whole[whole.length - 3]! ^= 1;
    await writeFile(blocks, whole);
    await channel.reopen();
    assert.equal(await get('a'), '1');
  });

  describe('under verification', () => {
    beforeEach(async () => {
      for (const value of ['1', '2', '3']) {
        await put('a', value);
      }
      await channel.ledger.close();
    });

    it('is in order, and progress is told block by block', async () => {
      const seen: bigint[] = [];
      const verification = await verifyLedger(directory, { onProgress: ({ block }) => seen.push(block) });
      assert.deepEqual(verification, { height: 4n, difference: undefined });
      assert.deepEqual(seen, [0n, 1n, 2n, 3n]);
    });

    it('shows a state that its blocks do not lead to, without naming key or value', async () => {
      const state = await openKeyValueStore(join(directory, 'state'));
      const key = stateKeyBytes(publicKey('cc', 'secret-name'));
      await state.write([{ key, value: state.get(stateKeyBytes(publicKey('cc', 'a')))! }], { sync: true });
      await state.close();
      const { difference } = await verifyLedger(directory);
      assert.match(
        difference!,
        /^the stored state has a key of cc with the SHA-256 [0-9a-f]{64}, which the blocks/,
      );
      assert.doesNotMatch(difference!, /secret/);
    });

    it('shows a value that was changed', async () => {
      const state = await openKeyValueStore(join(directory, 'state'));
      const key = stateKeyBytes(publicKey('cc', 'a'));
      const value = Buffer.from(state.get(key)!);
      value[value.length - 1]! ^= 1;
      await state.write([{ key, value }], { sync: true });
      await state.close();
      assert.match((await verifyLedger(directory)).difference!, /another value for a key of cc/);
    });

    it('shows a damaged block', async () => {
      const file = await open(join(directory, 'blocks'), 'r+');
      const { size } = await file.stat();
      await file.write(Buffer.from([0xff]), 0, 1, Math.floor(size / 2));
      await file.close();
      assert.match((await verifyLedger(directory)).difference!, /^block \d is damaged$/);
    });
  });
});
