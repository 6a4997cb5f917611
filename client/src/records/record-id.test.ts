import assert from 'node:assert/strict';
import type { Observation } from 'fhir/r4';
import { ScriptedSession } from '../testing/scripted-channel.js';
import { temporaryFolder } from '../testing/temporary-folder.js';
import { FileVault } from '../vault/file-vault.js';
import { recordIdOf } from './record-id.js';
import { Records } from './records.js';

const [patient, other] = ['0a'.repeat(16), '0b'.repeat(16)];

const observation: Observation = {
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code: '8480-6' }] },
};

describe('a record that an application knows by a key', () => {
  const folder = temporaryFolder();

  it('has the same id each time, and another one for another key or patient', () => {
    const id = recordIdOf(patient, 'finding-1');
    assert.match(id, /^[0-9a-f]{32}$/);
    assert.equal(recordIdOf(patient, 'finding-1'), id);
    assert.equal(new Set([id, recordIdOf(patient, 'finding-2'), recordIdOf(other, 'finding-1')]).size, 3);
    for (const bad of ['', 'x'.repeat(1025)]) {
      assert.throws(() => recordIdOf(patient, bad), { code: 'INVALID_ARGUMENT', details: { path: 'key' } });
    }
  });

  it('is registered under it', async () => {
    const session = new ScriptedSession(() => '', new FileVault(folder()));
    const registered = await new Records(session).register(patient, observation, { key: 'finding-1' });
    assert.deepEqual(registered.records, [recordIdOf(patient, 'finding-1')]);
    const without = await new Records(session).register(patient, observation);
    assert.notDeepEqual(without.records, registered.records);
  });
});
