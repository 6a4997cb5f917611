import assert from 'node:assert/strict';
import { enrolHead } from './enrolment.js';
import type { PatientHead } from './head.js';
import { isReplaced, mergeHeads, unmergeHeads } from './merge.js';

const head = (digit: string): PatientHead => {
  const patient = digit.repeat(32);
  const notificationKey = digit.repeat(64);
  const enrolment = { patient, keys: [], jurisdiction: 'DE', notificationKey, salt: digit.repeat(32) };
  return enrolHead(enrolment, '2026-03-01T12:00:00.000Z');
};
const salt = (patient: string) => `fresh/${patient}`;
const [one, other, third] = ['a', 'b', 'c'].map(head) as [PatientHead, PatientHead, PatientHead];

/** What a head says, without how often and under which salt it was written. */
const said = ({ version, salt: own, ...rest }: PatientHead) => {
  assert.ok(version > 0 && own !== '');
  return rest;
};

describe('merged entries of one person', () => {
  it('name each other, as FHIR’s Patient.link does, and keep all else', () => {
    const { surviving, replaced } = mergeHeads({ surviving: one, replaced: other }, salt);
    assert.deepEqual(said(surviving), {
      ...said(one),
      merged: [{ patient: other.patient, type: 'replaces' }],
    });
    assert.deepEqual(said(replaced), {
      ...said(other),
      merged: [{ patient: one.patient, type: 'replaced-by' }],
    });
    assert.deepEqual([isReplaced(surviving), isReplaced(replaced)], [false, true]);
    assert.notEqual(surviving.salt, replaced.salt);
    assert.deepEqual([surviving.version, replaced.version], [2, 2]);
  });

  it('are as before once the merge is taken back, also with a merge beside it', () => {
    const first = mergeHeads({ surviving: one, replaced: other }, salt);
    const second = mergeHeads({ surviving: first.surviving, replaced: third }, salt);
    const back = unmergeHeads({ surviving: second.surviving, replaced: first.replaced }, salt);
    assert.deepEqual(said(back.replaced), said(other));
    const last = unmergeHeads({ surviving: back.surviving, replaced: second.replaced }, salt);
    assert.deepEqual(said(last.surviving), said(one));
    assert.deepEqual(said(last.replaced), said(third));
  });

  it('are replaced once, and none survives that is replaced', () => {
    const { surviving, replaced } = mergeHeads({ surviving: one, replaced: other }, salt);
    for (const pair of [
      { surviving: third, replaced },
      { surviving: replaced, replaced: third },
    ]) {
      assert.throws(() => mergeHeads(pair, salt), { code: 'PRECONDITION_FAILED' });
    }
    assert.throws(() => unmergeHeads({ surviving: replaced, replaced: surviving }, salt), {
      code: 'NOT_FOUND',
    });
    assert.throws(() => unmergeHeads({ surviving: third, replaced: other }, salt), { code: 'NOT_FOUND' });
  });
});
