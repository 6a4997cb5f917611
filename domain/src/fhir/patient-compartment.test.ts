import assert from 'node:assert/strict';
import type { Observation } from 'fhir/r4';
import { referToRecords, resourceName } from './patient-compartment.js';

describe('references to the resources of one patient', () => {
  const observation: Observation = {
    resourceType: 'Observation',
    status: 'final',
    code: {},
    subject: { reference: 'Patient/p1' },
    encounter: { reference: 'Encounter/e.1/_history/3' },
    performer: [{ reference: 'Practitioner/d1' }, { reference: 'https://other.example/Patient/p9' }],
    derivedFrom: [{ reference: 'urn:uuid:0c7e', display: 'Encounter/e.1' }],
    text: { status: 'generated', div: '<div><a href="Encounter/e.1">visit</a></div>' },
  };
  const recordOf = ({ type, id }: { type: string; id: string }) => `${type}-${id}`;

  it('become references to their records, whether those are there or not; all others stay', () => {
    const changed = referToRecords(observation, recordOf, (reference) =>
      reference === 'urn:uuid:0c7e' ? { type: 'Observation', id: 'o2' } : undefined,
    );
    assert.deepEqual(changed, {
      ...observation,
      subject: { reference: 'Patient/Patient-p1' },
      encounter: { reference: 'Encounter/Encounter-e.1' },
      derivedFrom: [{ reference: 'Observation/Observation-o2', display: 'Encounter/e.1' }],
      text: { status: 'generated', div: '<div><a href="Encounter/Encounter-e.1">visit</a></div>' },
    });
  });

  it('leave a resource as it is that has none', () => {
    const plain: Observation = { resourceType: 'Observation', status: 'final', code: {} };
    assert.equal(referToRecords(plain, recordOf), plain);
  });

  it('name a resource only where they are relative', () => {
    assert.deepEqual(resourceName('Patient/1'), { type: 'Patient', id: '1' });
    for (const other of ['#p', 'Patient', 'Patient?identifier=1', 'http://x.example/Patient/1', 'urn:uuid:1'])
      assert.equal(resourceName(other), undefined, other);
  });
});
