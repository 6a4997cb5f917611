import {
  fillToken,
  formatFillToken,
  formatPrescriptionToken,
  newPrescriptionToken,
  parseFillToken,
  parsePrescriptionToken,
  VitaledgerError,
  type PrescriptionToken,
  type RedeemedPrescription,
  type Vitaledger,
} from '@vitaledger/client';
import type { Dosage } from 'fhir/r4';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { all, enrol, medication, type TestPatient } from '../harness/patient.js';
import { refused } from '../harness/refusal.js';
import { as } from '../harness/suite-network.js';

const days = (count: number): Date => new Date(Date.now() + count * 24 * 60 * 60 * 1000);
const authorized = { value: 30, unit: 'tablet' };
const pharmacistActor = { role: 'pharmacist', subject: 'c2a7f0b41d9e4f63a5b8071e6d3c9f24' } as const;

describe('a prescription', () => {
  let doctor: Vitaledger;
  let pharmacist: Vitaledger;
  let hospitalPharmacist: Vitaledger;
  let patient: TestPatient;
  let record: string;

  before(async () => {
    const actor = { role: 'practitioner', subject: '5f0e2c4a9b1d4c7f8a6e3d2b1c0f9e8d' } as const;
    doctor = await as('hospital', 'service', { actor });
    pharmacist = await as('pharmacy', 'pharmacist');
    hospitalPharmacist = await as('hospital', 'service', { actor: pharmacistActor });
    patient = await enrol(['hospital', 'HospitalMSP']);
    const registered = await doctor.records.register(patient.at.HospitalMSP!.patient, {
      ...medication(),
      dosageInstruction: [{ text: 'one in the morning' } satisfies Dosage],
      dispenseRequest: { numberOfRepeatsAllowed: 2, quantity: authorized },
    });
    record = registered.records[0]!;
  });

  const prescribe = (fills = 1, token?: PrescriptionToken): Promise<PrescriptionToken> => {
    const prescribing = { patient: patient.at.HospitalMSP!.patient, record, fills, validUntil: days(30) };
    return doctor.prescriptions.issue(prescribing, token === undefined ? {} : { token });
  };

  it('goes from the prescriber to the patient, from there to any pharmacy, and is filled', async () => {
    const carried = parsePrescriptionToken(formatPrescriptionToken(await prescribe(2)));
    for (const [fill, pharmacy] of [
      [1, pharmacist],
      [2, hospitalPharmacist],
    ] as const) {
      const shown = parseFillToken(formatFillToken(fillToken(carried, fill)));
      const redeemed = await pharmacy.prescriptions.redeem(shown);
      const content = await redeemed.medication();
      assert.equal(content.dosageInstruction?.[0]?.text, 'one in the morning');
      const { issuedBy, fills, filled } = redeemed.disclosure;
      assert.deepEqual([issuedBy.mspId, fills, filled], ['HospitalMSP', 2, fill - 1]);
      const { dispense } = await pharmacy.prescriptions.dispense(redeemed, { authorized });
      const noted = await pharmacy.prescriptions.dispensed(dispense);
      assert.deepEqual([noted.state, noted.remainder, noted.fill], ['dispensed', 0, fill]);
    }
    assert.equal((await pharmacist.prescriptions.status(carried)).filled.length, 2);
  });

  it('tells the patient in the access log which pharmacy read it', async () => {
    const token = await prescribe();
    await pharmacist.prescriptions.redeem(fillToken(token, 1));
    const log = await all(doctor.access.log(patient.at.HospitalMSP!, patient.key));
    const entry = log.find(({ prescription }) => prescription === token.prescription);
    assert.deepEqual([entry?.actor.mspId, entry?.actor.role], ['PharmacyMSP', 'pharmacist']);
    assert.deepEqual(entry?.filter.records, [record]);
  });

  it('is filled once when several pharmacists try at the same moment; the others get a clear error', async function () {
    this.timeout(240_000);
    const second = await as('pharmacy', 'service', { actor: pharmacistActor });
    const pharmacists = [pharmacist, second, hospitalPharmacist];
    const rounds = 8;
    const token = await prescribe(rounds);
    for (let fill = 1; fill <= rounds; fill++) {
      const shown = fillToken(token, fill);
      const redeemed = await Promise.all(pharmacists.map((each) => each.prescriptions.redeem(shown)));
      const ids = pharmacists.map(() => randomBytes(16).toString('hex'));
      const outcomes = await Promise.allSettled(
        pharmacists.map((each, index) =>
          each.prescriptions.dispense(redeemed[index]!, { authorized, dispense: ids[index]! }),
        ),
      );
      for (const outcome of outcomes) {
        if (outcome.status === 'fulfilled') continue;
        const error: unknown = outcome.reason;
        assert.ok(error instanceof VitaledgerError, String(error));
        assert.deepEqual(
          [error.code, error.details.reason],
          ['PRECONDITION_FAILED', 'ALREADY_FILLED'],
          String(error),
        );
      }
      const won = outcomes.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []));
      assert.equal(won.length, 1, `fill ${fill} was made ${won.length} times`);
      for (const [index, each] of pharmacists.entries()) {
        // A pharmacy's own peer may be a block behind the one that told the winner.
        const state = await settled(each, ids[index]!);
        assert.equal(state, index === won[0] ? 'dispensed' : 'lost');
      }
      assert.equal((await pharmacist.prescriptions.status(token)).filled.length, fill);
    }
    await refused('PRECONDITION_FAILED', pharmacist.prescriptions.redeem(fillToken(token, rounds)));
  });

  it('opens with no other secret, for no other role, and fills in order only', async () => {
    const token = await prescribe(2);
    const shown = fillToken(token, 1);
    const wrong = { ...shown, contentSecret: 'ab'.repeat(32) };
    await refused('PERMISSION_DENIED', pharmacist.prescriptions.redeem(wrong), /secret/);
    const unknown = { ...shown, prescription: 'ab'.repeat(16) };
    await refused('NOT_FOUND', pharmacist.prescriptions.redeem(unknown));
    const clinic = await as('clinic', 'practitioner');
    await refused('PERMISSION_DENIED', clinic.prescriptions.redeem(shown));
    await refused(
      'PRECONDITION_FAILED',
      pharmacist.prescriptions.redeem(fillToken(token, 2)),
      /earlier fill/,
    );

    const redeemed = await pharmacist.prescriptions.redeem(shown);
    const forged = { token: { ...shown, fillSecret: 'ab'.repeat(32) }, disclosure: redeemed.disclosure };
    await refused('PERMISSION_DENIED', pharmacist.prescriptions.dispense(forged, { authorized }));
    const clinicService = await as('clinic', 'service', { actor: pharmacistActor });
    await refused('PERMISSION_DENIED', clinicService.prescriptions.dispense(redeemed, { authorized }));
    assert.equal((await pharmacist.prescriptions.status(token)).filled.length, 0);
  });

  it('is dispensed in parts, never more than is authorized', async () => {
    const redeemed = await pharmacist.prescriptions.redeem(fillToken(await prescribe(), 1));
    const { dispense } = await pharmacist.prescriptions.dispense(redeemed, { authorized, value: 10 });
    assert.equal((await pharmacist.prescriptions.dispenseMore(dispense, 15)).remainder, 5);
    await refused('PRECONDITION_FAILED', pharmacist.prescriptions.dispenseMore(dispense, 6));
    const noted = await pharmacist.prescriptions.dispenseMore(dispense, 5);
    assert.deepEqual([noted.remainder, noted.portions.map(({ value }) => value)], [0, [10, 15, 5]]);
    await refused('NOT_FOUND', hospitalPharmacist.prescriptions.dispensed(dispense));
  });

  it('is cancelled by the patient through anybody, or by a colleague of the prescriber, who has no token', async () => {
    const colleague = await as('hospital', 'practitioner');
    const relay = await as('clinic', 'service');
    const cancels: ((token: PrescriptionToken) => Promise<unknown>)[] = [
      (token) => relay.prescriptions.cancel(token),
      ({ prescription }) => colleague.prescriptions.cancel({ prescription }),
    ];
    for (const cancel of cancels) {
      const token = await prescribe(2);
      const redeemed: RedeemedPrescription = await pharmacist.prescriptions.redeem(fillToken(token, 1));
      await cancel(token);
      await refused(
        'PRECONDITION_FAILED',
        pharmacist.prescriptions.dispense(redeemed, { authorized }),
        /cancelled/,
      );
    }
    const { prescription } = await prescribe();
    await refused('PERMISSION_DENIED', hospitalPharmacist.prescriptions.cancel({ prescription }));
    await refused('NOT_FOUND', relay.prescriptions.cancel(newPrescriptionToken('HospitalMSP')));
  });

  it('can be issued again after an interruption with the same token, and not for something else', async () => {
    const token = newPrescriptionToken('HospitalMSP');
    const order = { patient: patient.at.HospitalMSP!.patient, record, fills: 2, validUntil: days(30) };
    await doctor.prescriptions.issue(order, { token });
    await doctor.prescriptions.issue(order, { token });
    await refused('ALREADY_EXISTS', doctor.prescriptions.issue({ ...order, fills: 3 }, { token }));
    const redeemed = await pharmacist.prescriptions.redeem(fillToken(token, 1));
    const dispense = randomBytes(16).toString('hex');
    await pharmacist.prescriptions.dispense(redeemed, { authorized, dispense });
    // The same dispense again is the same fill, not another one.
    await pharmacist.prescriptions.dispense(redeemed, { authorized, dispense });
    assert.equal((await pharmacist.prescriptions.status(token)).filled.length, 1);
    await doctor.prescriptions.issue(order, { token });
    assert.equal((await pharmacist.prescriptions.status(token)).filled.length, 1);
  });

  it('has an end: none is issued that ended already, and what ends is redeemed no more', async () => {
    const order = { patient: patient.at.HospitalMSP!.patient, record, fills: 1 };
    await refused('EXPIRED', doctor.prescriptions.issue({ ...order, validUntil: days(-1) }));
    const soon = new Date(Date.now() + 3_000);
    const token = await doctor.prescriptions.issue({ ...order, validUntil: soon });
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, soon.getTime() + 50 - Date.now())));
    await refused('EXPIRED', pharmacist.prescriptions.redeem(fillToken(token, 1)));
  });

  it('hands over nothing once its content was erased', async () => {
    const { records } = await doctor.records.register(patient.at.HospitalMSP!.patient, medication());
    const order = { patient: patient.at.HospitalMSP!.patient, fills: 1, validUntil: days(30) };
    const token = await doctor.prescriptions.issue({ ...order, record: records[0]! });
    const registrar = await as('hospital', 'registrar');
    await registrar.records.erase(patient.at.HospitalMSP!.patient, records[0]!, 'a test', {
      ground: 'unlawful',
    });
    await refused('NOT_FOUND', pharmacist.prescriptions.redeem(fillToken(token, 1)));
  });

  /** The state of a dispense once the pharmacy's own peer has the fill. */
  async function settled(pharmacy: Vitaledger, dispense: string): Promise<string> {
    for (let tries = 0; tries < 100; tries++) {
      const { state } = await pharmacy.prescriptions.dispensed(dispense);
      if (state !== 'pending') return state;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return 'pending';
  }
});
