import assert from 'node:assert/strict';
import { markOf } from '@vitaledger/domain';
import { RecordContract } from '../records/record-contract.js';
import { Bench, caller, random } from '../testing/bench.js';
import { Patient } from '../testing/patient.js';
import { dispenseNote, TestPrescription } from '../testing/prescription.js';
import { DispenseContract } from './dispense-contract.js';
import { PrescriptionContract } from './prescription-contract.js';

const dispenses = new DispenseContract();
const pharmacist = caller('PharmacyMSP', 'pharmacist');

describe('DispenseContract', () => {
  let bench: Bench;
  let prescription: TestPrescription;

  beforeEach(async () => {
    bench = await Bench.founded();
    const patient = new Patient(bench);
    const as = caller('HospitalMSP', 'registrar');
    await bench.submit(new RecordContract(), 'enrol', { as, input: patient.enrolment() });
    prescription = await new TestPrescription(bench, patient).issue();
  });

  const begin = async (change: object = {}): Promise<string> => {
    const note = dispenseNote({ prescription: prescription.id, ...change });
    await bench.submit(dispenses, 'begin', { as: pharmacist, input: note });
    return note.dispense;
  };
  const portion = (dispense: string, value: number) =>
    bench.submit(dispenses, 'portion', { as: pharmacist, input: { dispense, value, salt: random() } });
  const get = async (dispense: string) =>
    JSON.parse(await bench.evaluate(dispenses, 'get', { as: pharmacist, input: { dispense } })) as {
      state: string;
      remainder: number;
      portions: { value: number; actor: { subject: string } }[];
    };

  it('keeps the note in the pharmacy’s own collection, pending until its fill is made', async () => {
    const dispense = await begin();
    assert.deepEqual(bench.channel.keys('PharmacyMSP'), [`dispense/${dispense}`]);
    assert.equal((await get(dispense)).state, 'pending');
    const args = prescription.filling(1, markOf(dispense));
    await bench.submit(new PrescriptionContract(), 'fill', { as: pharmacist, args });
    assert.equal((await get(dispense)).state, 'dispensed');
  });

  it('tells a note that is void, since another pharmacy made the fill', async () => {
    const dispense = await begin();
    await bench.submit(new PrescriptionContract(), 'fill', { as: pharmacist, args: prescription.filling(1) });
    assert.equal((await get(dispense)).state, 'lost');
  });

  it('hands a fill out in parts, never more than is authorized, and adds decimals exactly', async () => {
    const dispense = await begin({ authorized: { value: 0.3, unit: 'mL' }, value: 0.1 });
    await portion(dispense, 0.1);
    await portion(dispense, 0.1);
    const { remainder, portions } = await get(dispense);
    assert.equal(remainder, 0);
    assert.deepEqual(
      portions.map(({ value, actor }) => [value, actor.subject]),
      [1, 2, 3].map(() => [0.1, 'pharmacist-1']),
    );
    const tooMuch = { code: 'PRECONDITION_FAILED', details: { reason: 'TOO_MUCH' } };
    await assert.rejects(portion(dispense, 0.0001), tooMuch);
    await assert.rejects(begin({ value: 31 }), tooMuch);
  });

  it('refuses malformed quantities, ids that are taken, and unknown ones', async () => {
    for (const value of [0, -1, 0.00001, 2e9, '3', null]) {
      await assert.rejects(begin({ value }), { code: 'INVALID_ARGUMENT', details: { path: 'input.value' } });
    }
    const dispense = await begin();
    await assert.rejects(begin({ dispense }), { code: 'ALREADY_EXISTS' });
    await assert.rejects(portion(random(), 1), { code: 'NOT_FOUND' });
    await assert.rejects(get(random()), { code: 'NOT_FOUND' });
  });
});
