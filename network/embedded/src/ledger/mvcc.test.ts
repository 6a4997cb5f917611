import assert from 'node:assert/strict';

import fc from 'fast-check';

import type { ValidationCode } from './ledger.js';
import { bytes, keysOf, TestChannel, text } from './testing/test-channel.js';

const VALID = 0;
const MVCC_READ_CONFLICT = 11;
const PHANTOM_READ_CONFLICT = 12;

describe('validation against the state', () => {
  let channel: TestChannel;

  beforeEach(async () => {
    channel = await TestChannel.open();
  });

  afterEach(() => channel.ledger.close());

  it('refuses a transaction that read what an earlier one of the block wrote', async () => {
    const increment = () =>
      channel.propose(async (simulator) => {
        const value = Number(text(await simulator.getState('cc', 'counter')) ?? '0');
        simulator.putState('cc', 'counter', bytes(String(value + 1)));
      });
    assert.deepEqual(await channel.commit(await increment(), await increment()), [VALID, MVCC_READ_CONFLICT]);
    assert.equal(text(await channel.read((simulator) => simulator.getState('cc', 'counter'))), '1');
  });

  it('refuses a transaction that found a key absent which now exists, and the reverse', async () => {
    const absent = await channel.propose(async (simulator) => {
      await simulator.getState('cc', 'k');
      simulator.putState('cc', 'other', bytes('1'));
    });
    await channel.submit((simulator) => {
      simulator.putState('cc', 'k', bytes('1'));
    });
    const present = await channel.propose(async (simulator) => {
      await simulator.getState('cc', 'k');
    });
    await channel.submit((simulator) => {
      simulator.deleteState('cc', 'k');
    });
    assert.deepEqual(await channel.commit(absent), [VALID], 'deleted again, it is absent as it was read');
    assert.deepEqual(await channel.commit(present), [MVCC_READ_CONFLICT]);
  });

  it('lets blind writes of one key pass, the last one winning', async () => {
    const write = (value: string) =>
      channel.propose((simulator) => {
        simulator.putState('cc', 'k', bytes(value));
      });
    assert.deepEqual(await channel.commit(await write('a'), await write('b')), [VALID, VALID]);
    assert.equal(text(await channel.read((simulator) => simulator.getState('cc', 'k'))), 'b');
  });

  it('treats an empty value as a delete', async () => {
    await channel.submit((simulator) => {
      simulator.putState('cc', 'k', bytes('1'));
    });
    await channel.submit((simulator) => {
      simulator.putState('cc', 'k', bytes(''));
    });
    assert.equal(await channel.read((simulator) => simulator.getState('cc', 'k')), undefined);
  });

  for (const count of [3, 60]) {
    it(`finds phantoms in a range of ${count} keys: one more, one less, one changed`, async () => {
      await channel.submit((simulator) => {
        for (let index = 0; index < count; index++) {
          simulator.putState('cc', `k${String(index).padStart(3, '0')}`, bytes('1'));
        }
      });
      const query = () =>
        channel.propose(async (simulator) => {
          await keysOf(await simulator.getStateRange('cc', 'k', 'l'));
        });
      const changes = ['k0005', 'k001', 'k002'].map((key, index) =>
        channel.propose((simulator) => {
          if (index === 1) {
            simulator.deleteState('cc', key);
          } else {
            simulator.putState('cc', key, bytes('2'));
          }
        }),
      );
      for (const change of changes) {
        const untouched = await query();
        assert.deepEqual(await channel.commit(untouched, await change, await query()), [
          VALID,
          VALID,
          PHANTOM_READ_CONFLICT,
        ]);
      }
      const before = await query();
      await channel.submit((simulator) => {
        simulator.putState('cc', 'k0015', bytes('1'));
      });
      assert.deepEqual(await channel.commit(before), [PHANTOM_READ_CONFLICT]);
    });
  }

  it('ignores changes behind the last key that was read from a range', async () => {
    await channel.submit((simulator) => {
      for (const key of ['a', 'b', 'c', 'd']) {
        simulator.putState('cc', key, bytes('1'));
      }
    });
    const readTwo = () =>
      channel.propose(async (simulator) => {
        const cursor = await simulator.getStateRange('cc', '', '');
        assert.equal((await cursor.next(2)).length, 2);
      });
    const [behind, at] = [await readTwo(), await readTwo()];
    await channel.submit((simulator) => {
      simulator.putState('cc', 'c', bytes('2'));
    });
    assert.deepEqual(await channel.commit(behind), [VALID]);
    await channel.submit((simulator) => {
      simulator.deleteState('cc', 'b');
    });
    assert.deepEqual(await channel.commit(at), [PHANTOM_READ_CONFLICT]);
  });

  it('checks reads before ranges of a namespace, and namespaces in their order', async () => {
    const both = await channel.propose(async (simulator) => {
      await keysOf(await simulator.getStateRange('a', '', ''));
      await simulator.getState('b', 'k');
    });
    const one = await channel.propose(async (simulator) => {
      await keysOf(await simulator.getStateRange('b', '', ''));
      await simulator.getState('b', 'k');
    });
    await channel.submit((simulator) => {
      simulator.putState('a', 'k', bytes('1'));
      simulator.putState('b', 'k', bytes('1'));
    });
    assert.deepEqual(await channel.commit(both, one), [PHANTOM_READ_CONFLICT, MVCC_READ_CONFLICT]);
  });

  it('agrees with a model that knows only versions, whatever blocks and groups are made', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.array(transaction, { maxLength: 5 }), { minLength: 1, maxLength: 3 }), {
          maxLength: 4,
        }),
        async (groups) => {
          const random = await TestChannel.open();
          const model = new Model();
          try {
            for (const group of groups) {
              // All transactions of a group are endorsed on the state before it, so that they conflict.
              const seen = model.copy();
              const blocks = await Promise.all(
                group.map((block) => Promise.all(block.map((steps) => random.propose(perform(steps))))),
              );
              const committed = await random.commitGroup(blocks);
              const expected = group.map((block) => model.commit(block, seen));
              assert.deepEqual(
                committed.map(({ codes }) => codes),
                expected,
              );
              assert.deepEqual(await contents(random), model.contents());
            }
          } finally {
            await random.ledger.close();
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

const KEYS = ['a', 'b\u{10ffff}', 'b\uff5e', 'c'];
const BY_BYTES = ['a', 'b\uff5e', 'b\u{10ffff}', 'c'];

type Step =
  | { readonly kind: 'get' | 'delete'; readonly key: string }
  | { readonly kind: 'put'; readonly key: string; readonly value: string }
  | { readonly kind: 'range'; readonly from: number; readonly to: number };

const anyKey = fc.constantFrom(...KEYS);
const transaction = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    fc.record({ kind: fc.constantFrom('get' as const, 'delete' as const), key: anyKey }),
    fc.record({ kind: fc.constant('put' as const), key: anyKey, value: fc.constantFrom('1', '2') }),
    fc.record({ kind: fc.constant('range' as const), from: fc.nat(3), to: fc.nat(4) }),
  ),
  { maxLength: 4 },
);

function perform(steps: readonly Step[]): Parameters<TestChannel['propose']>[0] {
  return async (simulator) => {
    for (const step of steps) {
      if (step.kind === 'get') {
        await simulator.getState('cc', step.key);
      } else if (step.kind === 'range') {
        await keysOf(await simulator.getStateRange('cc', BY_BYTES[step.from]!, BY_BYTES[step.to] ?? ''));
      } else {
        simulator.putState('cc', step.key, bytes(step.kind === 'put' ? step.value : ''));
      }
    }
  };
}

async function contents(channel: TestChannel): Promise<[string, string | undefined][]> {
  return channel.read(async (simulator) => {
    const cursor = await simulator.getStateRange('cc', '', '');
    return (await cursor.next(100)).map(({ key, value }) => [key, text(value)]);
  });
}

/** Every write counts up; a transaction is valid when everything that it saw counts as it did then. */
class Model {
  readonly values = new Map<string, { value: string; count: number }>();
  #writes = 0;

  copy(): Model {
    const copy = new Model();
    for (const [key, value] of this.values) {
      copy.values.set(key, value);
    }
    return copy;
  }

  commit(block: readonly (readonly Step[])[], seen: Model): ValidationCode[] {
    const writtenInBlock = new Set<string>();
    return block.map((steps) => {
      const code = this.#validate(steps, seen, writtenInBlock);
      if (code === VALID) {
        this.#apply(steps, writtenInBlock);
      }
      return code;
    });
  }

  #validate(steps: readonly Step[], seen: Model, writtenInBlock: ReadonlySet<string>): ValidationCode {
    const changed = (key: string) => this.values.get(key)?.count !== seen.values.get(key)?.count;
    if (steps.some((step) => step.kind === 'get' && (writtenInBlock.has(step.key) || changed(step.key)))) {
      return MVCC_READ_CONFLICT;
    }
    return steps.some((step) => step.kind === 'range' && BY_BYTES.slice(step.from, step.to).some(changed))
      ? PHANTOM_READ_CONFLICT
      : VALID;
  }

  #apply(steps: readonly Step[], writtenInBlock: Set<string>): void {
    for (const step of steps) {
      if (step.kind === 'put') {
        this.values.set(step.key, { value: step.value, count: ++this.#writes });
      } else if (step.kind === 'delete') {
        this.values.delete(step.key);
      }
      if (step.kind === 'put' || step.kind === 'delete') {
        writtenInBlock.add(step.key);
      }
    }
  }

  contents(): [string, string][] {
    return BY_BYTES.flatMap((key) => {
      const value = this.values.get(key)?.value;
      return value === undefined ? [] : [[key, value] as [string, string]];
    });
  }
}
