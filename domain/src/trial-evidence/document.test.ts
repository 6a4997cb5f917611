import assert from 'node:assert/strict';
import { TRIAL_DOCUMENT_KINDS, validateTrialDocument } from './document.js';

const description = {
  kind: 'protocol',
  title: 'Study protocol, version 2',
  language: 'en',
  mediaType: 'application/pdf',
  digest: 'ab'.repeat(32),
  size: 0,
  date: '2026-03',
};

describe('the description of a trial’s document', () => {
  it('may be of any kind, in any language, with or without a date', () => {
    for (const kind of TRIAL_DOCUMENT_KINDS)
      assert.equal(validateTrialDocument({ ...description, kind }).kind, kind);
    for (const language of ['de', 'de-CH', 'zh-Hant-TW', 'gsw'])
      assert.equal(validateTrialDocument({ ...description, language }).language, language);
    const { date, ...undated } = description;
    assert.equal(date, '2026-03');
    assert.deepEqual(validateTrialDocument(undated), undated);
  });

  it('is refused with the path of what is wrong', () => {
    const wrong: readonly (readonly [string, unknown])[] = [
      ['kind', 'diary'],
      ['title', ''],
      ['title', ' Protocol'],
      ['title', 'a\nb'],
      ['title', 'x'.repeat(301)],
      ['language', 'English'],
      ['mediaType', 'PDF'],
      ['mediaType', 'application/pdf; v=1'],
      ['digest', 'AB'.repeat(32)],
      ['size', -1],
      ['size', 1.5],
      ['date', '2026-02-30'],
      ['date', '2026'],
    ];
    for (const [member, value] of wrong) {
      assert.throws(() => validateTrialDocument({ ...description, [member]: value }), {
        code: 'INVALID_ARGUMENT',
        details: { path: `document.${member}` },
      });
    }
    assert.throws(() => validateTrialDocument({ ...description, author: 'x' }), { code: 'INVALID_ARGUMENT' });
  });

  it('has no personal data in its title, which the error does not repeat', () => {
    const title = 'Protocol, ask ann.doe@example.org';
    assert.throws(
      () => validateTrialDocument({ ...description, title }),
      (error: Error & { details?: { reason?: string } }) =>
        error.details?.reason === 'PERSONAL_DATA' && !error.message.includes('ann'),
    );
  });
});
