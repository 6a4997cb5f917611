import assert from 'node:assert/strict';
import { provenanceOf } from './provenance.js';

const doctor = { mspId: 'HospitalMSP', subject: 'd-1', role: 'practitioner' } as const;
const first = {
  id: 'a'.repeat(32),
  class: 'Observation',
  version: 1,
  registered: '2026-03-01T12:00:00.000Z',
  registeredBy: doctor,
};
const code = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason', code: 'PATRQT' };
const change = {
  instant: '2026-03-02T12:00:00.000Z',
  by: { ...doctor, subject: 'd-2' },
  via: 'ehr-1',
  reason: { text: 'Unit was wrong', code },
};

describe('provenanceOf', () => {
  it('tells who registered a first version, and when', () => {
    const provenance = provenanceOf(first);
    assert.equal(provenance.recorded, first.registered);
    assert.equal(provenance.activity?.coding?.[0]?.code, 'CREATE');
    assert.equal(provenance.target[0]?.reference, `Observation/${first.id}/_history/1`);
    assert.equal(provenance.agent[0]?.who.identifier?.value, 'HospitalMSP/d-1');
    assert.equal(provenance.entity, undefined);
  });

  it('tells of a copy which record of which custodian it was made of', () => {
    const copiedFrom = { custodian: 'ClinicMSP', record: 'b'.repeat(32), version: 3, proof: 'c'.repeat(64) };
    const [entity] = provenanceOf({ ...first, copiedFrom }).entity ?? [];
    assert.equal(entity?.role, 'source');
    assert.equal(entity.what.reference, `Observation/${copiedFrom.record}/_history/3`);
    assert.equal(entity.agent?.[0]?.who.identifier?.value, 'ClinicMSP');
  });

  it('tells who amended it through which service, why, and which version it revises', () => {
    const provenance = provenanceOf({ ...first, version: 2, amendment: change });
    assert.equal(provenance.recorded, change.instant);
    assert.equal(provenance.activity?.coding?.[0]?.code, 'UPDATE');
    assert.deepEqual(provenance.reason, [{ coding: [code], text: 'Unit was wrong' }]);
    assert.deepEqual(
      provenance.agent.map(({ type, who }) => [type?.coding?.[0]?.code, who.identifier?.value]),
      [
        ['author', 'HospitalMSP/d-2'],
        ['assembler', 'HospitalMSP/ehr-1'],
      ],
    );
    assert.deepEqual(
      provenance.entity?.map(({ role, what }) => [role, what.reference]),
      [['revision', `Observation/${first.id}/_history/1`]],
    );
  });

  it('tells who called it entered in error, whatever was amended before', () => {
    const ended = { ...change, instant: '2026-03-03T12:00:00.000Z', how: 'retracted' } as const;
    const provenance = provenanceOf({ ...first, version: 2, amendment: change, ended });
    assert.equal(provenance.recorded, ended.instant);
    assert.equal(provenance.activity?.coding?.[0]?.code, 'NULLIFY');
    const superseded = provenanceOf({ ...first, ended: { ...change, how: 'amended' } });
    assert.equal(
      superseded.activity?.coding?.[0]?.code,
      'CREATE',
      'a superseded version was created all the same',
    );
  });
});
