import assert from 'node:assert/strict';
import { studyResource } from './fhir-study.js';
import type { Study, StudyDecision } from './study.js';

const moment = { instant: '2026-03-01T12:00:00.000Z', beat: 1 };
const study: Study = {
  ...moment,
  study: 'VS-0123456789abcdef',
  organization: 'ResearchMSP',
  registrant: { mspId: 'ResearchMSP', subject: 'r1', role: 'researcher' },
  title: 'Blood pressure after stroke',
  purpose: { aims: ['health'], diseases: ['MONDO:0005098'], types: ['NCIT:C15206'], undertakings: [] },
  committee: 'EthicsMSP',
  decisions: [],
};
const decided: StudyDecision = {
  ...moment,
  organization: 'EthicsMSP',
  approved: true,
  until: '2026-09-01T00:00:00.000Z',
};

describe('a study as a ResearchStudy', () => {
  it('tells where it stands with its committee at an instant', () => {
    const status = (decisions: readonly StudyDecision[], at = '2026-04-01T00:00:00.000Z') =>
      studyResource({ ...study, decisions }, at).status;
    const refused = { ...moment, organization: 'EthicsMSP', approved: false };
    assert.equal(status([]), 'in-review');
    assert.equal(status([refused]), 'disapproved');
    assert.equal(status([decided]), 'approved');
    assert.equal(status([decided], '2026-10-01T00:00:00.000Z'), 'administratively-completed');
    assert.equal(status([{ ...decided, revoked: { ...moment, reason: 'x' } }]), 'withdrawn');
  });

  it('names diseases in their ontology, and what it has no system for in words', () => {
    const { condition, focus, location, period } = studyResource(
      { ...study, decisions: [decided] },
      moment.instant,
    );
    assert.deepEqual(condition, [
      { coding: [{ system: 'http://purl.obolibrary.org/obo/mondo.owl', code: 'MONDO:0005098' }] },
    ]);
    assert.deepEqual(focus, [{ text: 'NCIT:C15206' }]);
    assert.equal(location, undefined);
    assert.deepEqual(period, { start: moment.instant, end: decided.until });
  });
});
