import assert from 'node:assert/strict';
import { VitaledgerError, type ParticipantCounts } from '@vitaledger/domain';
import { isCustodianCall } from '../transaction/index.js';
import { ScriptedSession } from '../testing/scripted-channel.js';
import { Participants } from './participants.js';

const TRIAL = 'VL-0123456789abcdef';
const counts = (enrolled: number, withdrawn = 0, emergencies = 0): ParticipantCounts => ({
  enrolled,
  withdrawn,
  emergencies,
});

/** A site whose trial is in a state, with totals of its own and what it has published. */
function atSite(
  status: string,
  own: ParticipantCounts,
  published?: ParticipantCounts,
): { readonly session: ScriptedSession; readonly participants: Participants } {
  const reports = published ? { HospitalMSP: [counts(0), published], OtherMSP: [counts(99)] } : {};
  const session = new ScriptedSession(({ function: name }) => {
    if (name === 'TrialRegistryContract:get') return { id: TRIAL, status };
    if (name === 'TrialEnrolmentContract:get') return { trial: TRIAL, ...counts(0), sites: reports };
    return name === 'ParticipationContract:counts' ? own : '';
  });
  return { session, participants: new Participants(session) };
}

describe('Participants', () => {
  it('enrols under a random id, by the registry’s number, at the own organization', async () => {
    const { session, participants } = atSite('recruiting', counts(0));
    const enrolment = { patient: 'p', trial: 'NCT01234567', consent: 'c' };
    const [one, other] = [await participants.enrol(enrolment), await participants.enrol(enrolment)];
    assert.match(one, /^[0-9a-f]{32}$/);
    assert.notEqual(one, other);
    const [input] = session.inputs('ParticipationContract:enrol');
    assert.deepEqual(
      [input?.patient, input?.trial, input?.consent, input?.participation],
      ['p', TRIAL, 'c', one],
    );
    assert.match(String(input?.salt), /^[0-9a-f]{32}$/);
    const call = session.calls.find((made) => made.function === 'ParticipationContract:enrol');
    assert.ok(call && isCustodianCall(call) && call.custodian === 'HospitalMSP');
  });

  it('enrols nobody while the trial does not recruit', async () => {
    for (const status of ['registered', 'active', 'completed']) {
      const { session, participants } = atSite(status, counts(0));
      await assert.rejects(participants.enrol({ patient: 'p', trial: TRIAL, consent: 'c' }), {
        code: 'PRECONDITION_FAILED',
        details: { reason: 'TRIAL_NOT_RECRUITING', status },
      });
      assert.deepEqual(session.inputs('ParticipationContract:enrol'), []);
    }
  });

  const cases: readonly (readonly [
    string,
    string,
    ParticipantCounts,
    ParticipantCounts | undefined,
    object,
  ])[] = [
    ['nothing before five have come', 'recruiting', counts(4), undefined, counts(0)],
    ['the first five', 'recruiting', counts(5), undefined, counts(5)],
    ['what has grown by five, and the rest as it stood', 'recruiting', counts(12, 4), counts(7), counts(12)],
    ['nothing new when none has grown by five', 'recruiting', counts(11, 4), counts(7), counts(7)],
    ['everything once the trial no longer recruits', 'active', counts(11, 4, 1), counts(7), counts(11, 4, 1)],
  ];
  for (const [what, status, own, published, expected] of cases) {
    it(`publishes ${what}`, async () => {
      const { session, participants } = atSite(status, own, published);
      assert.deepEqual(await participants.publish(TRIAL), expected);
      const reported = session.calls.filter((call) => call.function === 'TrialEnrolmentContract:report');
      const isNew = JSON.stringify(expected) !== JSON.stringify(published ?? counts(0));
      assert.deepEqual(
        reported.map((call) => (isCustodianCall(call) ? [] : call.arguments)),
        isNew ? [[TRIAL, JSON.stringify(expected)]] : [],
      );
    });
  }

  it('reads lists to their last page, and fails with the page that fails', async () => {
    const pages: Readonly<Record<string, object>> = {
      '': { participants: [1, 2], emergencies: ['a'], bookmark: 'aa' },
      aa: { participants: [3], emergencies: ['b', 'c'], bookmark: 'bb' },
      bb: { participants: [], emergencies: [], bookmark: '' },
    };
    let fails = false;
    const session = new ScriptedSession((call) => {
      const asked: { readonly bookmark?: string } = isCustodianCall(call) ? call.input : {};
      const { bookmark = '' } = asked;
      if (fails && bookmark === 'bb') throw new VitaledgerError('UNAVAILABLE', 'gone');
      return pages[bookmark];
    });
    const participants = new Participants(session);
    const all = async (items: AsyncIterable<unknown>) => {
      const list: unknown[] = [];
      for await (const item of items) list.push(item);
      return list;
    };
    assert.deepEqual(await all(participants.list(TRIAL)), [1, 2, 3]);
    assert.deepEqual(await all(participants.emergencies(TRIAL)), ['a', 'b', 'c']);
    fails = true;
    await assert.rejects(all(participants.list(TRIAL)), { code: 'UNAVAILABLE' });
  });
});
