import assert from 'node:assert/strict';

import { common, peer } from '@hyperledger/fabric-protos';

import { SimulationError } from './errors.js';
import type { Simulator } from './ledger.js';
import { decodeReadWriteSet } from './read-write-set-decoder.js';
import { bytes, keysOf, MEMBERS, TestChannel, text } from './testing/test-channel.js';

describe('a simulation', () => {
  let channel: TestChannel;

  beforeEach(async () => {
    channel = await TestChannel.open();
    channel.collections.set('cc/c', MEMBERS);
    channel.collections.set('cc/closed', { ...MEMBERS, memberOnlyRead: true, memberOnlyWrite: true });
  });

  afterEach(() => channel.ledger.close());

  async function put(...keys: string[]): Promise<void> {
    await channel.submit((simulator) => {
      for (const key of keys) {
        simulator.putState('cc', key, bytes(`value of ${key}`));
      }
    });
  }

  it('reads the state as it was when it began, never its own writes', async () => {
    await put('k');
    const simulator = channel.simulator();
    simulator.putState('cc', 'k', bytes('own'));
    await put('new');
    await channel.submit((other) => {
      other.putState('cc', 'k', bytes('other'));
    });
    assert.equal(text(await simulator.getState('cc', 'k')), 'value of k');
    assert.equal(await simulator.getState('cc', 'new'), undefined);
    assert.deepEqual(await keysOf(await simulator.getStateRange('cc', '', '')), ['k']);
    await simulator.release();
  });

  it('sorts what it read and wrote by UTF-8 bytes and keeps the last write of a key', async () => {
    const { result } = await channel.propose(async (simulator) => {
      for (const key of ['z', '\u{10ffff}', '\uff5e', 'a']) {
        await simulator.getState('cc', key);
        simulator.putState('cc', key, bytes('first'));
      }
      simulator.putState('cc', 'a', bytes('last'));
      simulator.deleteState('bb', 'k');
    });
    const [first, second] = decodeReadWriteSet(result.publicReadWriteSet);
    assert.equal(first?.namespace, 'bb');
    assert.deepEqual(
      first.writes.map(({ key, isDelete }) => [key, isDelete]),
      [['k', true]],
    );
    assert.deepEqual(
      second?.reads.map(({ key }) => key),
      ['a', 'z', '\uff5e', '\u{10ffff}'],
    );
    assert.deepEqual(second.writes.map(({ key, value }) => [key, text(value)])[0], ['a', 'last']);
  });

  it('ranges over UTF-8 order, start included and end not, however large the values are', async () => {
    await channel.submit((simulator) => {
      for (let index = 0; index < 130; index++) {
        simulator.putState('cc', `k${String(index).padStart(3, '0')}`, Buffer.alloc(2000, index));
      }
      simulator.putState('cc', 'k\u{10ffff}', bytes('beyond'));
      simulator.putState('cc', 'k\uff5e', bytes('before'));
    });
    await channel.read(async (simulator) => {
      const cursor = await simulator.getStateRange('cc', 'k001', 'k\u{10ffff}');
      const page = await cursor.next(101);
      assert.equal(page.length, 101);
      assert.equal(page[0]?.key, 'k001');
      const rest = await cursor.next(101);
      assert.deepEqual(
        rest.slice(-2).map(({ key }) => key),
        ['k129', 'k\uff5e'],
      );
      assert.deepEqual(await cursor.next(1), []);
    });
  });

  it('records a range as far as it was read', async () => {
    await put('a', 'b', 'c');
    const recorded = async (limits: readonly number[], end = '') => {
      const { result } = await channel.propose(async (simulator) => {
        const cursor = await simulator.getStateRange('cc', 'a', end);
        for (const limit of limits) {
          await cursor.next(limit);
        }
      });
      const query = decodeReadWriteSet(result.publicReadWriteSet)[0]?.rangeQueries[0];
      return [query?.endKey, query?.exhausted, query?.rawReads?.map(({ key }) => key)];
    };
    assert.deepEqual(await recorded([]), ['', false, undefined]);
    assert.deepEqual(await recorded([2]), ['b', false, ['a', 'b']]);
    assert.deepEqual(await recorded([3]), ['c', false, ['a', 'b', 'c']]);
    assert.deepEqual(await recorded([2, 2]), ['', true, ['a', 'b', 'c']]);
    assert.deepEqual(await recorded([5], 'bb'), ['bb', true, ['a', 'b']]);
  });

  it('pages through a range with bookmarks', async () => {
    await put('a', 'b', 'c');
    await channel.read(async (simulator) => {
      const first = await simulator.getStateRange('cc', '', '', { size: 2, bookmark: '' });
      assert.deepEqual(
        (await first.next(2)).map(({ key }) => key),
        ['a', 'b'],
      );
      assert.equal(await first.bookmark(), 'c');
      const second = await simulator.getStateRange('cc', '', '', { size: 2, bookmark: 'c' });
      assert.deepEqual(await keysOf(second), ['c']);
      assert.equal(await second.bookmark(), '');
    });
  });

  it('keeps the order of calls and drops repetitions of range queries', async () => {
    const { result } = await channel.propose(async (simulator) => {
      for (const start of ['m', 'a', 'm']) {
        await keysOf(await simulator.getStateRange('cc', start, 'z'));
      }
    });
    const starts = decodeReadWriteSet(result.publicReadWriteSet)[0]?.rangeQueries.map(
      ({ startKey }) => startKey,
    );
    assert.deepEqual(starts, ['m', 'a']);
  });

  const refusals: [string, (simulator: Simulator) => Promise<unknown>, string][] = [
    [
      'a write after a paginated query',
      async (simulator) => {
        await simulator.getStateRange('cc', '', '', { size: 1, bookmark: '' });
        simulator.putState('cc', 'k', bytes('v'));
      },
      'txid [tx]: unsuppored transaction. Transaction has already performed a paginated query. Writes are not allowed',
    ],
    [
      'a paginated query after a write',
      (simulator) => {
        simulator.deleteState('cc', 'k');
        return simulator.getStateRange('cc', '', '', { size: 1, bookmark: '' });
      },
      'txid [tx]: unsuppored transaction. Paginated queries are supported only in a read-only transaction',
    ],
    [
      'a private range query after a write',
      (simulator) => {
        simulator.putPrivateData('cc', 'c', 'k', bytes('v'));
        return simulator.getPrivateDataRange('cc', 'c', '', '');
      },
      'txid [tx]: unsuppored transaction. Queries on pvt data is supported only in a read-only transaction',
    ],
    [
      'a write after a private range query',
      async (simulator) => {
        await simulator.getPrivateDataRange('cc', 'c', '', '');
        simulator.putStateMetadata('cc', 'k', 'n', bytes('v'));
      },
      'txid [tx]: unsuppored transaction. Transaction has already performed queries on pvt data. Writes are not allowed',
    ],
    [
      'an unknown collection',
      (simulator) => simulator.getPrivateData('cc', 'x', 'k'),
      'collection care/cc/x could not be found',
    ],
    [
      'a hash in an unknown collection',
      (simulator) => simulator.getPrivateDataHash('cc', 'x', 'k'),
      'collection [x] not defined in the collection config for chaincode [cc]',
    ],
    [
      'a result asked for twice',
      (simulator) => {
        simulator.result();
        return Promise.resolve(simulator.result());
      },
      'this function should only be called once on a transaction simulator instance',
    ],
    [
      'anything after its release',
      async (simulator) => {
        await simulator.release();
        return simulator.getState('cc', 'k');
      },
      'this instance should not be used after calling Done()',
    ],
  ];
  for (const [name, work, message] of refusals) {
    it(`refuses ${name} in Fabric's words`, async () => {
      const simulator = channel.simulator();
      await assert.rejects(async () => work(simulator), new SimulationError(message));
      await simulator.release();
    });
  }

  it('keeps clients of other organizations out of collections that only members may use', async () => {
    const stranger = channel.simulator({ creatorMspId: 'InsurerMSP' });
    await assert.rejects(
      stranger.getPrivateData('cc', 'closed', 'k'),
      new SimulationError(
        'tx creator does not have read access permission on privatedata in chaincodeName:cc collectionName: closed',
      ),
    );
    assert.throws(() => {
      stranger.purgePrivateData('cc', 'closed', 'k');
    }, new SimulationError('tx creator does not have write access permission on privatedata in chaincodeName:cc collectionName: closed'));
    assert.equal(await stranger.getPrivateDataHash('cc', 'closed', 'k'), undefined);
    assert.equal(await stranger.getPrivateData('cc', 'c', 'k'), undefined);
    await stranger.release();
  });

  it('tells the history of a key from its newest write to its first, deletes included', async () => {
    await put('k');
    await channel.submit((simulator) => {
      simulator.deleteState('cc', 'k');
      simulator.putState('cc', 'kk', bytes('another key'));
    });
    await channel.commit(
      await channel.propose(
        (simulator) => {
          simulator.putState('cc', 'k', bytes('third'));
        },
        { id: 'third-transaction' },
      ),
    );
    const history = await channel.read(async (simulator) => (await simulator.getHistory('cc', 'k')).next(10));
    assert.deepEqual(
      history.map(({ value, isDelete }) => [text(value), isDelete]),
      [
        ['third', false],
        ['', true],
        ['value of k', false],
      ],
    );
    assert.equal(history[0]?.transactionId, 'third-transaction');
  });

  it('gives metadata back by name, and a change of the value keeps it', async () => {
    await put('k');
    await channel.submit((simulator) => {
      simulator.putStateMetadata('cc', 'k', 'note', bytes('n'));
      simulator.putStateMetadata('cc', 'absent', 'note', bytes('n'));
    });
    await put('k');
    const metadata = await channel.read((simulator) => simulator.getStateMetadata('cc', 'k'));
    assert.deepEqual(
      [...metadata].map(([name, value]) => [name, text(value)]),
      [['note', 'n']],
    );
    assert.equal(channel.ledger.committedMetadata('cc', undefined, 'k').size, 1);
    assert.equal(channel.ledger.committedMetadata('cc', undefined, 'absent').size, 0);
    await channel.submit((simulator) => {
      simulator.deleteState('cc', 'k');
    });
    await put('k');
    assert.equal(channel.ledger.committedMetadata('cc', undefined, 'k').size, 0);
  });
});

describe('the interest of a simulation', () => {
  let channel: TestChannel;
  const policy = new common.SignaturePolicyEnvelope();

  beforeEach(async () => {
    channel = await TestChannel.open();
    channel.collections.set('cc/c', MEMBERS);
    await channel.submit((simulator) => {
      simulator.putState('cc', 'guarded', bytes('v'));
      simulator.putPrivateData('cc', 'c', 'p', bytes('v'));
    });
    await channel.submit((simulator) => {
      simulator.putStateMetadata('cc', 'guarded', 'VALIDATION_PARAMETER', policy.serializeBinary());
    });
  });

  afterEach(() => channel.ledger.close());

  async function interest(work: Parameters<TestChannel['propose']>[0]) {
    const { result } = await channel.propose(work);
    return result.interest.getChaincodesList().map((call: peer.ChaincodeCall) => ({
      name: call.getName(),
      collections: call.getCollectionNamesList(),
      noPrivateReads: call.getNoPrivateReads(),
      keyPolicies: call.getKeyPoliciesList().length,
      disregard: call.getDisregardNamespacePolicy(),
    }));
  }
  const plain = { collections: [], noPrivateReads: false, keyPolicies: 0, disregard: false };

  it('needs the chaincode for reads and for writes of keys without a policy', async () => {
    assert.deepEqual(await interest((simulator) => simulator.getState('cc', 'k')), [
      { ...plain, name: 'cc' },
    ]);
    assert.deepEqual(
      await interest((simulator) => {
        simulator.putState('cc', 'k', bytes('v'));
        simulator.putState('bb', 'k', bytes('v'));
        simulator.putState('_lifecycle', 'k', bytes('v'));
      }),
      [
        { ...plain, name: 'bb' },
        { ...plain, name: 'cc' },
      ],
    );
  });

  it("needs only the key's policy when all written keys have one, and both otherwise", async () => {
    const guarded = (simulator: Simulator) => {
      simulator.putState('cc', 'guarded', bytes('v'));
    };
    assert.deepEqual(await interest(guarded), [{ ...plain, name: 'cc', keyPolicies: 1, disregard: true }]);
    const both = await interest((simulator) => {
      guarded(simulator);
      simulator.putState('cc', 'open', bytes('v'));
    });
    assert.deepEqual(both, [{ ...plain, name: 'cc', keyPolicies: 1 }]);
  });

  it('needs only the collection for private writes, and says whether it was read', async () => {
    const call = { ...plain, name: 'cc', collections: ['c'] };
    const write = (simulator: Simulator) => {
      simulator.putPrivateData('cc', 'c', 'k', bytes('v'));
    };
    assert.deepEqual(await interest(write), [{ ...call, noPrivateReads: true }]);
    assert.deepEqual(
      await interest(async (simulator) => {
        await simulator.getPrivateData('cc', 'c', 'p');
        write(simulator);
      }),
      [call],
    );
    assert.deepEqual(await interest((simulator) => simulator.getPrivateData('cc', 'c', 'p')), [
      { ...plain, name: 'cc' },
      call,
    ]);
  });
});
