import assert from 'node:assert/strict';
import { commitmentOf, markOf, type PrescriptionCounter } from '@vitaledger/domain';
import { RecordContract } from '../records/record-contract.js';
import { Bench, caller, random, type Call } from '../testing/bench.js';
import { Patient } from '../testing/patient.js';
import { TestPrescription } from '../testing/prescription.js';
import { PrescriptionContract } from './prescription-contract.js';

const prescriptions = new PrescriptionContract();
const doctor = caller('HospitalMSP', 'practitioner');
const pharmacist = caller('PharmacyMSP', 'pharmacist');
const DAY = 24 * 60 * 60 * 1000;

interface Opened {
  readonly receipt: string;
  readonly prescription: string;
  readonly fills: number;
  readonly filled: number;
  readonly record: { readonly id: string; readonly keyShare: string };
}

describe('PrescriptionContract', () => {
  let bench: Bench;
  let patient: Patient;

  beforeEach(async () => {
    bench = await Bench.founded();
    patient = new Patient(bench);
    const as = caller('HospitalMSP', 'registrar');
    await bench.submit(new RecordContract(), 'enrol', { as, input: patient.enrolment() });
  });

  const issued = (choice = {}) => new TestPrescription(bench, patient, choice).issue();
  const redeem = async (prescription: TestPrescription, change: object = {}, as = pharmacist) => {
    const call = { as, at: 'HospitalMSP', input: prescription.redemption(change) };
    return (JSON.parse(await bench.submit(prescriptions, 'redeem', call)) as { receipt: string }).receipt;
  };
  const open = async (prescription: TestPrescription, receipt: string, fill = 1, as = pharmacist) => {
    const call = { as, at: 'HospitalMSP', input: { receipt, fill } };
    const { jwe } = JSON.parse(await bench.evaluate(prescriptions, 'open', call)) as { jwe: string };
    return (await prescription.key.read(jwe)) as Opened;
  };
  const fill = (args: readonly string[], as = pharmacist) =>
    bench.submit(prescriptions, 'fill', { as, args });
  const cancel = (counter: string, secret: string, as = caller('EthicsMSP', 'service')) =>
    bench.submit(prescriptions, 'cancel', { as, args: [counter, secret] });
  const status = async (counter: string) =>
    JSON.parse(
      await bench.evaluate(prescriptions, 'status', { as: pharmacist, args: [counter] }),
    ) as PrescriptionCounter;

  describe('issue and publish', () => {
    it('keeps the order at the prescriber and commitments in public, which name nobody', async () => {
      const prescription = await issued();
      const kept = bench.channel.committed('HospitalMSP', `prescription/${prescription.id}`)!.toString();
      assert.equal((JSON.parse(kept) as { patient: string }).patient, patient.id);
      const keys = bench.channel.keys('public').filter((key) => key.startsWith('prescription/'));
      assert.deepEqual(keys, [`prescription/${prescription.counter}`]);
      assert.deepEqual(await status(prescription.counter), {
        fills: prescription.secrets.fills.map(commitmentOf),
        cancel: commitmentOf(prescription.secrets.cancel),
        expires: '2026-04-13T00:00:00.000Z',
        filled: [],
      });
      assert.deepEqual(bench.channel.keys('PharmacyMSP'), []);
    });

    it('can each be repeated after an interruption, and tell the same from another', async () => {
      const prescription = await issued();
      const issue = (order: object) => bench.submit(prescriptions, 'issue', { as: doctor, input: order });
      const same = { code: 'ALREADY_EXISTS', details: { what: 'prescription', same: true } };
      await assert.rejects(issue(prescription.order()), same);
      const later = prescription.order({ validUntil: '2026-04-11T00:00:00.000Z' });
      await assert.rejects(issue(later), { details: { what: 'prescription', same: false } });
      const publish = (terms: object) =>
        bench.submit(prescriptions, 'publish', {
          as: doctor,
          args: [prescription.counter, JSON.stringify(terms)],
        });
      await assert.rejects(publish(prescription.terms), { details: { what: 'counter', same: true } });
      await fill(prescription.filling(1));
      await assert.rejects(publish(prescription.terms), { details: { what: 'counter', same: true } });
      await assert.rejects(publish({ ...prescription.terms, expires: '2026-04-20T00:00:00.000Z' }), {
        details: { what: 'counter', same: false },
      });
    });

    it('refuse what is no prescription: an unknown or other record, an unknown patient, an end in the past', async () => {
      const prescription = new TestPrescription(bench, patient);
      const issue = (change: object) =>
        bench.submit(prescriptions, 'issue', { as: doctor, input: prescription.order(change) });
      await assert.rejects(issue({}), { code: 'NOT_FOUND', details: { what: 'record' } });
      await prescription.register({ class: 'Observation' });
      await assert.rejects(issue({}), { code: 'INVALID_ARGUMENT', details: { path: 'input.record' } });
      await assert.rejects(issue({ patient: random() }), { code: 'NOT_FOUND', details: { what: 'patient' } });
      const past = new TestPrescription(bench, patient, { validUntil: bench.now });
      await past.register();
      const order = { as: doctor, input: past.order() };
      await assert.rejects(bench.submit(prescriptions, 'issue', order), { code: 'EXPIRED' });
      bench.skip(60 * DAY);
      await bench.submit(bench.consortium, 'beat', { as: caller('HospitalMSP', 'admin') });
      const late = { as: doctor, args: prescription.publication() };
      await assert.rejects(bench.submit(prescriptions, 'publish', late), { code: 'EXPIRED' });
    });

    it('refuse a prescriber who does not hold the cancelling secret, or publishes another end', async () => {
      const prescription = new TestPrescription(bench, patient);
      await prescription.register();
      for (const [change, path] of [
        [{ cancelSecret: random(256) }, 'input.cancelSecret'],
        [{ validUntil: '2026-05-10T22:00:00.000Z' }, 'input.terms.expires'],
      ] as const) {
        const call = { as: doctor, input: prescription.order(change) };
        await assert.rejects(bench.submit(prescriptions, 'issue', call), { details: { path } });
      }
    });

    it('let no service publish or fill whose organization may not vouch for who would', async () => {
      const prescription = await issued();
      const unpublished = new TestPrescription(bench, patient);
      const publish = (mspId: string) =>
        bench.submit(prescriptions, 'publish', {
          as: caller(mspId, 'service'),
          args: unpublished.publication(),
        });
      const refused = { code: 'PERMISSION_DENIED', details: { reason: 'ROLE_NOT_VOUCHED' } };
      await assert.rejects(publish('PharmacyMSP'), refused);
      assert.equal(await publish('ClinicMSP'), '');
      await assert.rejects(fill(prescription.filling(1), caller('ClinicMSP', 'service')), refused);
      assert.equal(await fill(prescription.filling(1), caller('HospitalMSP', 'service')), '');
    });
  });

  describe('redeem and open', () => {
    it('release the content to the pharmacist who shows its secret, and log it for the patient', async () => {
      const prescription = await issued();
      const receipt = await redeem(prescription);
      const opened = await open(prescription, receipt);
      assert.equal(opened.receipt, receipt);
      assert.equal(opened.record.id, prescription.record);
      assert.ok(opened.record.keyShare);
      assert.deepEqual([opened.fills, opened.filled], [2, 0]);
      const [log = ''] = bench.channel.keys('HospitalMSP').filter((key) => key.startsWith('log/'));
      assert.equal(log, `log/${patient.id}/${bench.now}/${receipt}`);
      const entry = JSON.parse(bench.channel.committed('HospitalMSP', log)!.toString()) as object;
      const { prescription: shown, actor } = entry as { prescription: string; actor: { mspId: string } };
      assert.deepEqual([shown, actor.mspId], [prescription.id, 'PharmacyMSP']);
    });

    it('refuse a wrong secret, even one of a fill, and an unknown prescription, and log nothing', async () => {
      const prescription = await issued();
      for (const secret of [random(256), prescription.secrets.fills[0], prescription.secrets.cancel]) {
        await assert.rejects(redeem(prescription, { secret }), {
          code: 'PERMISSION_DENIED',
          details: { reason: 'BAD_SECRET' },
        });
      }
      await assert.rejects(redeem(prescription, { prescription: random() }), { code: 'NOT_FOUND' });
      assert.deepEqual(
        bench.channel.keys('HospitalMSP').filter((key) => /^(?:log|redemption)/.test(key)),
        [],
      );
    });

    it('open for nobody but the pharmacist who redeemed, and for ten minutes', async () => {
      const prescription = await issued();
      const receipt = await redeem(prescription);
      const denied = { code: 'PERMISSION_DENIED', details: { reason: 'NOT_THE_REQUESTER' } };
      for (const other of [
        caller('PharmacyMSP', 'pharmacist', 'pharmacist-2'),
        caller('HospitalMSP', 'pharmacist'),
        doctor,
      ]) {
        await assert.rejects(open(prescription, receipt, 1, other), denied);
      }
      await assert.rejects(open(prescription, random(256)), { code: 'NOT_FOUND' });
      bench.skip(10 * 60 * 1000);
      await assert.rejects(open(prescription, receipt), { code: 'EXPIRED' });
    });

    it('open nothing that is half issued, or whose published terms are others', async () => {
      const prescription = new TestPrescription(bench, patient);
      await prescription.register();
      await bench.submit(prescriptions, 'issue', { as: doctor, input: prescription.order() });
      const receipt = await redeem(prescription);
      await assert.rejects(open(prescription, receipt), { code: 'NOT_FOUND', details: { what: 'counter' } });
      const foreign = JSON.stringify({ ...prescription.terms, fills: [random(256)] });
      await bench.submit(prescriptions, 'publish', { as: doctor, args: [prescription.counter, foreign] });
      await assert.rejects(open(prescription, receipt), { code: 'INTEGRITY' });
    });

    it('stop at the exact end, before the public one', async () => {
      const prescription = await issued();
      bench.now = '2026-04-10T21:59:00.000Z';
      await bench.pass(0);
      const receipt = await redeem(prescription);
      await open(prescription, receipt);
      await bench.pass(60_000);
      await assert.rejects(redeem(prescription), { code: 'EXPIRED' });
      await assert.rejects(open(prescription, receipt), { code: 'EXPIRED' });
    });

    it('open no fill that was made, is not the next, or does not exist', async () => {
      const prescription = await issued();
      const receipt = await redeem(prescription);
      const failed = (reason: string) => ({ code: 'PRECONDITION_FAILED', details: { reason } });
      await assert.rejects(open(prescription, receipt, 2), failed('NOT_NEXT'));
      await assert.rejects(open(prescription, receipt, 3), { code: 'INVALID_ARGUMENT' });
      await fill(prescription.filling(1));
      await assert.rejects(open(prescription, receipt, 1), failed('ALREADY_FILLED'));
      assert.equal((await open(prescription, receipt, 2)).filled, 1);
      await cancel(prescription.counter, prescription.secrets.cancel);
      await assert.rejects(open(prescription, receipt, 2), failed('CANCELLED'));
    });
  });

  describe('fill', () => {
    it('makes each authorized fill once, in order, and no more', async () => {
      const prescription = await issued();
      const failed = (reason: string) => ({ code: 'PRECONDITION_FAILED', details: { reason } });
      await assert.rejects(fill(prescription.filling(2)), failed('NOT_NEXT'));
      const dispense = random();
      await fill(prescription.filling(1, markOf(dispense)));
      await assert.rejects(fill(prescription.filling(1)), failed('ALREADY_FILLED'));
      await fill(prescription.filling(2));
      for (const n of [1, 2]) await assert.rejects(fill(prescription.filling(n)), failed('ALREADY_FILLED'));
      const { filled } = await status(prescription.counter);
      assert.deepEqual(filled[0], { mark: markOf(dispense), instant: bench.now });
      assert.equal(filled.length, 2);
    });

    it('lets one of two pharmacies win that try at the same moment', async () => {
      const prescription = await issued();
      const endorsed = await Promise.all(
        [pharmacist, caller('HospitalMSP', 'pharmacist')].map(async (as) => {
          const call: Call = { as, args: prescription.filling(1) };
          const transaction = bench.begin(call);
          await bench.execute(prescriptions, 'fill', call, transaction);
          return transaction;
        }),
      );
      assert.deepEqual(
        endorsed.map((transaction) => transaction.commit()),
        [true, false],
      );
      assert.equal((await status(prescription.counter)).filled.length, 1);
    });

    it('takes no secret of another use or prescription, and no unknown counter', async () => {
      const [prescription, other] = [await issued(), await issued()];
      const mark = random(256);
      for (const secret of [
        prescription.secrets.content,
        prescription.secrets.cancel,
        other.secrets.fills[0]!,
      ]) {
        await assert.rejects(fill([prescription.counter, secret, mark]), {
          code: 'PERMISSION_DENIED',
          details: { reason: 'BAD_SECRET' },
        });
      }
      const [, secret = ''] = prescription.filling(1);
      await assert.rejects(fill([random(), secret, mark]), { code: 'NOT_FOUND' });
      await assert.rejects(fill(['clock', secret, mark]), { code: 'INVALID_ARGUMENT' });
      await assert.rejects(fill([prescription.counter, 'short', mark]), { code: 'INVALID_ARGUMENT' });
      await assert.rejects(fill([prescription.counter, secret, 'short']), { code: 'INVALID_ARGUMENT' });
    });

    it('ends by the ledger’s clock, which a held-back transaction cannot outlive', async () => {
      const prescription = await issued();
      bench.now = '2026-04-12T23:59:00.000Z';
      await bench.pass(0);
      const call: Call = { as: pharmacist, args: prescription.filling(1) };
      const held = bench.begin(call);
      await bench.execute(prescriptions, 'fill', call, held);
      await bench.pass(60_000);
      assert.equal(held.commit(), false);
      await assert.rejects(fill(prescription.filling(1)), { code: 'EXPIRED' });
    });
  });

  describe('cancel', () => {
    it('stops every later fill, by the patient’s secret, through anybody, once and for all', async () => {
      const prescription = await issued();
      await fill(prescription.filling(1));
      bench.skip(3_600_000);
      const first = bench.now;
      await cancel(prescription.counter, prescription.secrets.cancel);
      bench.skip(1000);
      await cancel(prescription.counter, prescription.secrets.cancel);
      assert.equal((await status(prescription.counter)).cancelled, first);
      await bench.pass(0);
      await assert.rejects(fill(prescription.filling(2)), {
        code: 'PRECONDITION_FAILED',
        details: { reason: 'CANCELLED' },
      });
    });

    it('is for the prescriber’s colleagues too, who need not have the token', async () => {
      const prescription = await issued();
      const colleague = caller('HospitalMSP', 'practitioner', 'practitioner-2');
      const call = { as: colleague, input: { prescription: prescription.id } };
      const answer = await bench.evaluate(prescriptions, 'cancellation', call);
      const { secret } = JSON.parse(answer) as { secret: string };
      await cancel(prescription.counter, secret, colleague);
      assert.ok((await status(prescription.counter)).cancelled);
    });

    it('takes no other secret', async () => {
      const prescription = await issued();
      for (const secret of [random(256), prescription.secrets.content, prescription.secrets.fills[0]!]) {
        await assert.rejects(cancel(prescription.counter, secret), { details: { reason: 'BAD_SECRET' } });
      }
    });
  });
});
