import assert from 'node:assert/strict';
import type { ChaincodeStub } from '../fabric/contract-api.js';
import type { PrivateKey, PublicKey, Salted } from './ledger.js';
import { StubLedger } from './stub-ledger.js';

interface Note extends Salted {
  readonly text: string;
}

const salt = 'ab'.repeat(16);
const NOTE: PrivateKey<Note> = { private: 'note/1' };
const FACT: PublicKey<{ b: number; a: string }> = { public: 'fact' };

/** A stub that remembers what it was asked, and answers from `state`, keyed `<collection>|<key>`. */
function stubOver(state: Record<string, string> = {}, input?: string) {
  const asked: string[] = [];
  const find = (collection: string, key: string) => {
    asked.push(`get ${collection}|${key}`);
    return Promise.resolve(Buffer.from(state[`${collection}|${key}`] ?? ''));
  };
  const store = (collection: string, key: string, value: Uint8Array) => {
    asked.push(`put ${collection}|${key} ${Buffer.from(value).toString()}`);
    return Promise.resolve();
  };
  async function* between(start: string, end: string, most: number) {
    const keys = Object.keys(state).filter((name) => name.startsWith('|') && name.slice(1) >= start);
    for (const name of keys.filter((one) => one.slice(1) < end).slice(0, most))
      yield await Promise.resolve({ key: name.slice(1), value: Buffer.from(state[name] ?? '') });
  }
  const stub = {
    getTxID: () => 'ab'.repeat(32),
    getMspID: () => 'HospitalMSP',
    getDateTimestamp: () => new Date('2026-03-01T12:00:00.123Z'),
    getTransient: () => new Map(input === undefined ? [] : [['input', Buffer.from(input)]]),
    getState: (key: string) => find('', key),
    putState: (key: string, value: Uint8Array) => store('', key, value),
    getPrivateData: find,
    putPrivateData: store,
    purgePrivateData: (collection: string, key: string) => {
      asked.push(`purge ${collection}|${key}`);
      return Promise.resolve();
    },
    getStateByRange: (start: string, end: string) => {
      asked.push(`range |${start}..${end}`);
      return between(start, end, Infinity);
    },
    getStateByRangeWithPagination: (start: string, end: string, size: number) => {
      asked.push(`page of ${size} |${start}..${end}`);
      return between(start, end, size);
    },
    getPrivateDataByRange: async function* (collection: string, start: string, end: string) {
      asked.push(`range ${collection}|${start}..${end}`);
      for (const [name, value] of Object.entries(state)) {
        const key = name.slice(collection.length + 1);
        if (key >= start && key < end) yield await Promise.resolve({ key, value: Buffer.from(value) });
      }
    },
  };
  return { ledger: new StubLedger(stub as unknown as ChaincodeStub), asked, stub };
}

describe('the ledger over a chaincode stub', () => {
  it('knows the transaction, its instant with milliseconds, and the peer’s organization', () => {
    const { ledger } = stubOver();
    assert.equal(ledger.transactionId, 'ab'.repeat(32));
    assert.equal(ledger.timestamp, '2026-03-01T12:00:00.123Z');
    assert.equal(ledger.custodian, 'HospitalMSP');
  });

  it('refuses a timestamp that is no instant, whatever the client sent', () => {
    const { stub } = stubOver();
    for (const at of [
      new Date(NaN),
      new Date('+010000-01-01T00:00:00.000Z'),
      new Date(-62_200_000_000_000),
    ]) {
      const odd = { ...stub, getDateTimestamp: () => at } as unknown as ChaincodeStub;
      assert.throws(() => new StubLedger(odd), { code: 'INVALID_ARGUMENT', details: { path: 'timestamp' } });
    }
  });

  it('stores canonical JSON, public and in the custodian’s implicit collection', async () => {
    const open = stubOver();
    await open.ledger.put(FACT, { b: 1, a: 'x' });
    assert.deepEqual(open.asked, ['put |fact {"a":"x","b":1}']);
    const closed = stubOver();
    await closed.ledger.putPrivate(NOTE, { text: 'x', salt });
    await closed.ledger.purgePrivate(NOTE);
    assert.deepEqual(closed.asked, [
      `put _implicit_org_HospitalMSP|note/1 {"salt":"${salt}","text":"x"}`,
      'purge _implicit_org_HospitalMSP|note/1',
    ]);
  });

  it('reads what is there, and undefined where nothing is', async () => {
    const { ledger } = stubOver({
      '|fact': '{"a":"x","b":1}',
      '_implicit_org_HospitalMSP|note/1': '{"text":"y"}',
    });
    assert.deepEqual(await ledger.get(FACT), { a: 'x', b: 1 });
    assert.deepEqual(await ledger.getPrivate(NOTE), { text: 'y' });
    assert.equal(await ledger.get({ public: 'nothing' }), undefined);
  });

  it('refuses a private value without 128 bits of salt', async () => {
    const { ledger, asked } = stubOver();
    for (const weak of ['', 'ab', 'z'.repeat(32)]) {
      await assert.rejects(ledger.putPrivate(NOTE, { text: 'x', salt: weak }), /salt/);
    }
    assert.deepEqual(asked, []);
  });

  it('never lets public and private writes meet, or a range and a write', async () => {
    const mixed = stubOver().ledger;
    await mixed.put(FACT, { b: 1, a: 'x' });
    await assert.rejects(mixed.putPrivate(NOTE, { text: 'x', salt }), /may not meet/);
    await assert.rejects(mixed.purgePrivate(NOTE), /may not meet/);
    const other = stubOver().ledger;
    await other.putPrivate(NOTE, { text: 'x', salt });
    await assert.rejects(other.put(FACT, { b: 1, a: 'x' }), /may not meet/);
    await assert.rejects(collect(other.rangePrivate({ prefix: 'note/' })), /range/);
    const ranged = stubOver().ledger;
    await collect(ranged.rangePrivate({ prefix: 'note/' }));
    await assert.rejects(ranged.putPrivate(NOTE, { text: 'x', salt }), /range/);
  });

  it('reads a range from behind a name to the end of its prefix', async () => {
    const of = (key: string) => [`_implicit_org_HospitalMSP|${key}`, `{"salt":"${salt}","text":"${key}"}`];
    const state = Object.fromEntries(['note/1', 'note/2', 'note/3', 'other/1'].map(of)) as Record<
      string,
      string
    >;
    const { ledger } = stubOver(state);
    const names = async (after?: string) =>
      (await collect(ledger.rangePrivate<Note>({ prefix: 'note/', after }))).map(({ name }) => name);
    assert.deepEqual(await names(), ['1', '2', '3']);
    assert.deepEqual(await names('1'), ['2', '3']);
    assert.deepEqual(await names('3'), []);
  });

  it('reads a public range between two names, and no more than a limit of it', async () => {
    const state = Object.fromEntries(
      ['fact/1', 'fact/2', 'fact/3', 'facts/1'].map((key) => [`|${key}`, '{"a":"x","b":1}']),
    );
    const names = async (range: object) => {
      const { ledger, asked } = stubOver(state);
      const found = await collect(ledger.range({ prefix: 'fact/', ...range }));
      return [found.map(({ name }) => name), asked];
    };
    assert.deepEqual(await names({}), [['1', '2', '3'], ['range |fact/..fact/\u007f']]);
    assert.deepEqual(await names({ from: '2' }), [['2', '3'], ['range |fact/2..fact/\u007f']]);
    assert.deepEqual(await names({ before: '3', limit: 5 }), [['1', '2'], ['page of 5 |fact/..fact/3']]);
    assert.deepEqual(await names({ from: '2', limit: 1 }), [['2'], ['page of 1 |fact/2..fact/\u007f']]);
    const writing = stubOver(state).ledger;
    await writing.put(FACT, { b: 1, a: 'x' });
    await assert.rejects(collect(writing.range({ prefix: 'fact/', limit: 1 })), /range/);
  });

  it('parses the transient input once, and says what is wrong without quoting it', () => {
    assert.equal(stubOver({}, '{"a":1}').ledger.input.a, 1);
    for (const bad of [
      undefined,
      '',
      'Ann',
      '[]',
      '"Ann"',
      '{"name":"\\ud800 Ann"}',
      '{"Ann":1e999}',
      `{"Ann":${'9'.repeat(400)}}`,
    ]) {
      assert.throws(
        () => stubOver({}, bad).ledger.input,
        (error: Error) => {
          assert.doesNotMatch(error.message, /Ann/);
          return (error as Error & { code?: string }).code === 'INVALID_ARGUMENT';
        },
      );
    }
  });

  it('says that this peer lacks private data, instead of an internal error', async () => {
    const { stub } = stubOver();
    const failing = {
      ...stub,
      getPrivateData: () =>
        Promise.reject(
          new Error('GET_STATE failed: private data matching public hash version is not available. …'),
        ),
    };
    await assert.rejects(new StubLedger(failing as unknown as ChaincodeStub).getPrivate(NOTE), {
      code: 'UNAVAILABLE',
      details: { reason: 'PRIVATE_DATA_MISSING' },
    });
  });
});

async function collect<T>(entries: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const entry of entries) all.push(entry);
  return all;
}
