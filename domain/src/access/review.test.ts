import assert from 'node:assert/strict';
import { checkShape } from '../json/shape.js';
import { type EmergencyReview, reviewed, type ReviewInput, reviewShape } from './review.js';

const salt = 'a'.repeat(32);
const receipt = 'b'.repeat(64);
const actor = { mspId: 'HospitalMSP', subject: 'er-1', role: 'emergency' as const };
const review: EmergencyReview = {
  receipt,
  patient: 'c'.repeat(32),
  instant: '2026-03-01T12:00:00.000Z',
  actor,
  purpose: 'BTG',
  reason: 'unconscious',
  outcome: 'permit',
  salt,
};
const auditor = { mspId: 'HospitalMSP', subject: 'au-1', role: 'auditor' as const };
const by = { by: auditor, instant: '2026-03-01T13:00:00.000Z' };
const open: ReviewInput = { receipt, step: 'open', salt: 'd'.repeat(32) };
const close: ReviewInput = { receipt, step: 'close', conclusion: 'unjustified', note: 'No emergency.', salt };

describe('an emergency review', () => {
  it('is taken up, then closed with a conclusion', () => {
    const taken = reviewed(review, open, by);
    assert.deepEqual([taken.opened, taken.salt], [by, open.salt]);
    assert.deepEqual(reviewed(taken, close, by).closed, {
      ...by,
      conclusion: 'unjustified',
      note: 'No emergency.',
    });
  });

  it('is not closed before it is taken up, nor anything after it is closed', () => {
    assert.throws(() => reviewed(review, close, by), { details: { reason: 'REVIEW_NOT_OPENED' } });
    const taken = reviewed(review, open, by);
    assert.throws(() => reviewed(taken, open, by), { code: 'ALREADY_EXISTS' });
    const closed = reviewed(taken, close, by);
    for (const input of [open, close]) {
      assert.throws(() => reviewed(closed, input, by), { details: { reason: 'REVIEW_CLOSED' } });
    }
  });

  it('is nothing for who broke the glass, in whatever role', () => {
    const self = { ...by, by: { ...auditor, subject: actor.subject } };
    assert.throws(() => reviewed(review, open, self), { code: 'PERMISSION_DENIED' });
    const elsewhere = { ...self, by: { ...self.by, mspId: 'ClinicMSP' } };
    assert.ok(
      reviewed(review, open, elsewhere).opened,
      'a pseudonym is somebody only within an organization',
    );
  });

  it('takes a conclusion and a note to close, and nothing else', () => {
    checkShape(reviewShape, open, 'input');
    checkShape(reviewShape, close, 'input');
    for (const wrong of [
      { ...open, note: 'x' },
      { ...close, conclusion: 'fine' },
      { ...close, note: '' },
      { ...open, step: 'reopen' },
      { ...open, receipt: 'x' },
    ]) {
      assert.throws(() => checkShape(reviewShape, wrong, 'input'), { code: 'INVALID_ARGUMENT' });
    }
  });
});
