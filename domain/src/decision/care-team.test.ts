import assert from 'node:assert/strict';
import type { ConsentProvision } from 'fhir/r4';
import type { MedicalActor } from '../consortium/roles.js';
import { canonicalJson } from '../json/canonical.js';
import type { CareTeamTerms } from './care-team.js';
import { decide, decideRecord } from './decide.js';
import type { ConsentTerms, DecisionInput, RecordFacets } from './decision.js';
import { explain } from './explain.js';
import { validateConsent } from './provision.js';
import { requesterView } from './requester-view.js';
import { careTeamActor, purposeCoding, roleActor } from './terms.js';

const INSTANT = '2026-03-01T12:00:00.000Z';
const TEAM = 'a'.repeat(32);
const REFERENCE = `HospitalMSP/${TEAM}`;
const JOINED = '2026-01-10T00:00:00.000Z';
const LEFT = '2026-02-10T00:00:00.000Z';

const nurse: MedicalActor = { mspId: 'ClinicMSP', subject: 'n-1', role: 'practitioner' };
const former: MedicalActor = { ...nurse, subject: 'n-2' };
const stranger: MedicalActor = { ...nurse, subject: 'n-3' };

const diabetes: CareTeamTerms = {
  team: TEAM,
  version: 4,
  participants: [
    { ...nurse, from: JOINED },
    { ...former, from: JOINED, to: LEFT },
  ],
};

const terms = (provision: ConsentProvision): ConsentTerms => {
  const one = { consent: 'c'.repeat(32), version: 1, provision };
  validateConsent(one);
  return one;
};
const toTeam = terms({
  type: 'permit',
  purpose: [purposeCoding('TREAT')],
  actor: [careTeamActor('HospitalMSP', TEAM)],
});
const toAllBut = terms({
  type: 'permit',
  actor: [roleActor('practitioner')],
  provision: [{ type: 'deny', actor: [careTeamActor('HospitalMSP', TEAM)] }],
});
const observation: RecordFacets = {
  id: '1'.repeat(32),
  class: 'Observation',
  category: [],
  codes: [],
  labels: [],
  mediaType: 'application/fhir+json',
};

const asking = (
  consent: ConsentTerms,
  actor: MedicalActor,
  change: Partial<DecisionInput> = {},
): DecisionInput => ({
  consents: [consent],
  careTeams: [diabetes],
  request: { custodian: 'HospitalMSP', actor, scope: 'content', purpose: 'TREAT', filter: {} },
  instant: INSTANT,
  ...change,
});
const answer = (...input: Parameters<typeof asking>) => decideRecord(asking(...input), observation).outcome;

describe('a consent that names a care team', () => {
  it('permits who is in it now, and nobody who has left, never was in it, or asks in another role', () => {
    assert.equal(answer(toTeam, nurse), 'permit');
    for (const other of [
      former,
      stranger,
      { ...nurse, role: 'researcher' as const },
      { ...nurse, mspId: 'PharmacyMSP' },
    ]) {
      assert.equal(answer(toTeam, other), 'deny', canonicalJson(other));
    }
    assert.equal(answer(toTeam, former, { instant: '2026-02-01T00:00:00.000Z' }), 'permit', 'while in it');
    assert.equal(answer(toTeam, former, { instant: LEFT }), 'deny', 'at the moment of leaving');
    assert.equal(answer(toTeam, nurse, { instant: '2026-01-09T00:00:00.000Z' }), 'deny', 'before joining');
  });

  it('permits nobody once the team is over', () => {
    const ended = { careTeams: [{ ...diabetes, to: '2026-03-01T12:00:00.000Z' }] };
    assert.equal(answer(toTeam, nurse, ended), 'deny');
    assert.equal(answer(toTeam, nurse, { ...ended, instant: '2026-03-01T11:59:59.999Z' }), 'permit');
  });

  it('denies who is or was in it, in whatever role, so that no change of the team lifts a denial', () => {
    assert.equal(answer(toAllBut, stranger), 'permit');
    assert.equal(answer(toAllBut, nurse), 'deny');
    assert.equal(answer(toAllBut, former), 'deny');
    assert.equal(answer(toAllBut, nurse, { careTeams: [{ ...diabetes, to: LEFT }] }), 'deny');
    const root = terms({ type: 'deny', actor: [careTeamActor('HospitalMSP', TEAM)] });
    const all = terms({ type: 'permit', actor: [roleActor('practitioner')] });
    const both = { consents: [{ ...root, consent: 'd'.repeat(32) }, all] };
    assert.equal(answer(root, former, both), 'deny');
    assert.equal(answer(root, stranger, both), 'permit');
  });

  it('is neither widened nor lifted by a team of the same id in another entry of the person', () => {
    const same = (...participants: MedicalActor[]): CareTeamTerms => ({
      team: TEAM,
      version: 1,
      participants: participants.map((one) => ({ ...one, from: JOINED })),
    });
    for (const careTeams of [
      [diabetes, same(stranger)],
      [same(stranger), diabetes],
    ]) {
      assert.equal(answer(toTeam, stranger, { careTeams }), 'deny', 'added elsewhere');
      assert.equal(answer(toAllBut, nurse, { careTeams }), 'deny', 'absent elsewhere');
      assert.equal(answer(toAllBut, former, { careTeams }), 'deny');
    }
    assert.equal(answer(toTeam, nurse, { careTeams: [diabetes, same(nurse)] }), 'permit', 'a member in both');
  });

  it('reaches nobody at a custodian that does not keep the team', () => {
    const elsewhere = asking(toTeam, nurse);
    const request = { ...elsewhere.request, custodian: 'ClinicMSP' };
    assert.equal(decideRecord({ ...elsewhere, request }, observation).outcome, 'deny');
    assert.equal(answer(toTeam, nurse, { careTeams: [] }), 'deny');
  });

  it('is decided by a prohibition in the same way', () => {
    const prohibitions = [
      {
        prohibition: 'e'.repeat(32),
        kind: 'restriction' as const,
        provision: { type: 'deny' as const, actor: [careTeamActor('HospitalMSP', TEAM)] },
      },
    ];
    const all = terms({ type: 'permit', actor: [roleActor('practitioner')] });
    assert.equal(answer(all, former, { prohibitions }), 'deny');
    assert.equal(answer(all, stranger, { prohibitions }), 'permit');
  });
});

describe('the receipt of a decision that rests on a care team', () => {
  it('names the team, its version and what the requester is in it, and replays', () => {
    const decision = decide(asking(toTeam, nurse));
    assert.deepEqual(decision.careTeams, [{ team: REFERENCE, version: 4, membership: 'member' }]);
    assert.deepEqual(decide(asking(toTeam, former)).careTeams?.[0]?.membership, 'listed');
    const { request, instant, defaults } = decision;
    const later = {
      ...diabetes,
      version: 5,
      participants: diabetes.participants.map((one) => ({ ...one, to: '2026-03-05T00:00:00.000Z' })),
    };
    const again = { consents: [toTeam], request, instant, defaults };
    assert.equal(canonicalJson(decide({ ...again, careTeams: [diabetes] })), canonicalJson(decision));
    assert.equal(decide({ ...again, careTeams: [later] }).outcome, 'permit', 'whatever was changed since');
  });

  it('tells the requester of no other team', () => {
    const decision = decide(asking(toTeam, stranger));
    assert.equal(decision.careTeams?.[0]?.membership, 'none');
    assert.equal(requesterView(decision).careTeams, undefined);
    assert.equal(requesterView(decide(asking(toTeam, nurse))).careTeams?.length, 1);
    assert.deepEqual(requesterView(decision).consents, []);
    assert.equal(
      decide(asking(terms({ type: 'permit' }), nurse)).careTeams,
      undefined,
      'where none is named',
    );
  });
});

describe('explain', () => {
  it('shows what a planned consent to a care team would change, and for whom', () => {
    const { request, instant } = asking(toTeam, nurse);
    const [member, other] = explain({
      consents: [],
      careTeams: [diabetes],
      planned: [toTeam],
      questions: [request, { ...request, actor: stranger }],
      instant,
    });
    assert.deepEqual(member?.changes, [{ class: '*', before: 'deny', after: 'permit' }]);
    assert.deepEqual(other?.changes, []);
    assert.equal(member.after.careTeams?.[0]?.membership, 'member');
  });
});
