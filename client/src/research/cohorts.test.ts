import assert from 'node:assert/strict';
import { VitaledgerError, type PublicJwk } from '@vitaledger/domain';
import { ScriptedSession } from '../testing/scripted-channel.js';
import { sealed } from '../testing/sealed-answer.js';
import { Cohorts, type CohortProgress } from './cohorts.js';

const inquiry = { custodian: 'ClinicMSP', study: 'VS-0123456789abcdef', question: 'askable' } as const;
const told = { count: 120, cell: 10, instant: '2026-03-01T12:00:00.000Z' };

/** A custodian with 450 patients of whom every page counts half. */
const pages = (call: { readonly input?: unknown }) => {
  const { bookmark } = call.input as { bookmark?: string };
  const next = { undefined: 'a', a: 'b', b: '' }[String(bookmark)] ?? '';
  return { counted: 75, looked: 150, bookmark: next };
};

describe('Cohorts', () => {
  it('asks with a key of the question and reads the answer with it, and no answer to another question', async () => {
    let key: PublicJwk | undefined;
    const session = new ScriptedSession(async (call) => {
      const { input } = call as unknown as { input: { encryptionKey: PublicJwk; receipt: string } };
      if (call.function === 'CohortContract:ask') {
        key = input.encryptionKey;
        return { receipt: 'r1' };
      }
      return sealed({ receipt: 'r1', answer: told }, key ?? assert.fail());
    });
    const cohorts = new Cohorts(session);
    const receipt = await cohorts.ask(inquiry);
    assert.deepEqual(await cohorts.read(receipt), told);
    await assert.rejects(cohorts.read({ ...receipt, receipt: 'r2' }), { code: 'INTEGRITY' });
    const [asked] = session.inputs('CohortContract:ask');
    assert.deepEqual([asked?.purpose, asked?.question], ['HRESCH', 'askable']);
    assert.match(String(asked?.salt), /^[0-9a-f]{32}$/);
  });

  it('adds pages up and hands nothing but the sum to the contract', async () => {
    const session = new ScriptedSession((call) =>
      call.function === 'CohortContract:count' ? pages(call as never) : '',
    );
    const reached: CohortProgress[] = [];
    const looked = await new Cohorts(session).answer('r1', {
      pageSize: 150,
      onProgress: (progress) => reached.push(progress),
    });
    assert.equal(looked, 450);
    assert.deepEqual(
      reached.map(({ counted, bookmark }) => [counted, bookmark]),
      [
        [75, 'a'],
        [150, 'b'],
        [225, ''],
      ],
    );
    const [answered] = session.inputs('CohortContract:answer');
    assert.deepEqual([answered?.receipt, answered?.count], ['r1', 225]);
  });

  it('goes on from where an interrupted count was', async () => {
    const session = new ScriptedSession((call) => {
      if (call.function !== 'CohortContract:count') return '';
      const { bookmark } = (call as unknown as { input: { bookmark?: string } }).input;
      if (bookmark === 'a' && session.calls.length < 3) throw new VitaledgerError('UNAVAILABLE', 'gone');
      return pages(call as never);
    });
    const cohorts = new Cohorts(session);
    const reached: CohortProgress[] = [];
    const remember = (progress: CohortProgress) => reached.push(progress);
    await assert.rejects(cohorts.answer('r1', { onProgress: remember }), { code: 'UNAVAILABLE' });
    const [last = assert.fail()] = reached;
    assert.equal(last.looked, 150);
    assert.equal(await cohorts.answer('r1', { resume: last }), 450);
    assert.deepEqual(
      session.inputs('CohortContract:count').map(({ bookmark }) => bookmark),
      [undefined, 'a', 'a', 'b'],
    );
    assert.equal(session.inputs('CohortContract:answer')[0]?.count, 225);
  });

  it('lists what waits and what was told, page by page', async () => {
    const session = new ScriptedSession((call) => {
      const isFirst = !('bookmark' in (call as unknown as { input: object }).input);
      const items = isFirst ? ['one', 'two'] : ['three'];
      return { receipts: items, queries: items, bookmark: isFirst ? 'ab' : '' };
    });
    const cohorts = new Cohorts(session);
    for (const list of [cohorts.pending(), cohorts.log()]) {
      const all: unknown[] = [];
      for await (const one of list) all.push(one);
      assert.deepEqual(all, ['one', 'two', 'three']);
    }
  });
});
