import {
  contentCertificate,
  newUpload,
  recordIdOf,
  type PatientToken,
  type Upload,
  type Vitaledger,
} from '@vitaledger/client';
import assert from 'node:assert/strict';
import type { Observation } from 'fhir/r4';
import { eventually } from '../harness/eventually.js';
import { all, condition, enrol, grantToClinic, observation, type TestPatient } from '../harness/patient.js';
import { refused } from '../harness/refusal.js';
import { as } from '../harness/suite-network.js';

describe('the life of a record', function () {
  this.timeout(120_000);
  let hospital: Vitaledger;
  let registrar: Vitaledger;
  let auditor: Vitaledger;
  let patient: TestPatient;
  let id: string;
  const office = (role: 'registrar' | 'auditor') => ({ role, subject: `${role}-of-the-hospital` }) as const;

  before(async () => {
    hospital = await as('hospital', 'service', {
      actor: { role: 'practitioner', subject: 'c4d1a7a0b6f94d0e9a1b2c3d4e5f6071' },
    });
    registrar = hospital.as(office('registrar'));
    auditor = hospital.as(office('auditor'));
  });

  beforeEach(async () => {
    patient = await enrol(['hospital', 'HospitalMSP']);
    id = patient.at.HospitalMSP!.patient;
  });

  it('begins once, however often an application registers what it knows by a key', async () => {
    const first = await hospital.records.register(id, condition(), { key: 'finding-1' });
    assert.deepEqual(first.records, [recordIdOf(id, 'finding-1')]);
    await refused('ALREADY_EXISTS', hospital.records.register(id, condition(), { key: 'finding-1' }));
    await hospital.records.register(id, condition(), { key: 'finding-2' });
    assert.equal((await all(registrar.records.list(id))).length, 2);
  });

  describe('being listed', () => {
    it('is by class, code and date, and stands in the log that the patient reads', async () => {
      await hospital.records.register(id, condition());
      const { records } = await hospital.records.register(id, observation());
      const filter = {
        classes: ['Observation'],
        codes: [{ system: 'http://loinc.org', code: '8480-6' }],
        from: '2024-03',
      };
      const listed = await all(registrar.records.list(id, { filter }));
      assert.deepEqual(
        listed.map((record) => record.id),
        records,
      );
      assert.deepEqual(await all(registrar.records.list(id, { filter: { to: '1999' } })), []);
      const log = await all(hospital.access.log(patient.at.HospitalMSP!, patient.key));
      assert.deepEqual(
        log.map((entry) => [entry.actor.role, entry.purpose, entry.inspection, entry.scope]),
        [
          ['registrar', 'HOPERAT', true, 'metadata'],
          ['registrar', 'HOPERAT', true, 'metadata'],
        ],
      );
      assert.deepEqual(log[0]?.filter, filter);
    });

    it('is for registrars and auditors of the custodian, and contents for auditors', async () => {
      await hospital.records.register(id, condition());
      await refused('PERMISSION_DENIED', all(hospital.records.list(id)));
      await refused('PERMISSION_DENIED', all(registrar.records.audit(id)));
      const [audited] = await all(auditor.records.audit(id));
      assert.equal((await audited!.json()).resourceType, 'Condition');
    });
  });

  describe('being corrected', () => {
    const reading = async () => {
      const specialist = await as('clinic', 'service', {
        actor: { role: 'practitioner', subject: '5f0e2c4a9b1d4c7f8a6e3d2b1c0f9e8d' },
      });
      return all(specialist.access.read({ ...patient.at.HospitalMSP!, purpose: 'TREAT' }));
    };

    beforeEach(() => grantToClinic(hospital, patient));

    it('gives readers the amended version with its Provenance, and auditors the old one too', async () => {
      const { records } = await hospital.records.register(id, observation(412));
      const reason = { text: 'Digits were swapped' };
      const amended = await hospital.records.amend(id, { id: records[0]!, version: 1 }, observation(142), {
        reason,
      });
      assert.deepEqual([amended.id, amended.version], [records[0], 2]);
      const [released, ...others] = await reading();
      assert.deepEqual(others, []);
      assert.equal(((await released!.json()) as Observation).valueQuantity?.value, 142);
      assert.deepEqual(released!.provenance.reason, [reason]);
      assert.equal(released!.provenance.entity?.[0]?.role, 'revision');

      const status = ['current', 'superseded'] as const;
      const audited = await all(auditor.records.audit(id, { filter: { status } }));
      const values = await Promise.all(audited.map((record) => record.json()));
      assert.deepEqual(
        values.map((value) => (value as Observation).valueQuantity?.value),
        [412, 142],
      );
    });

    it('lets one of two amendments at the same moment win; the other one is told to read again', async () => {
      const { records } = await hospital.records.register(id, observation());
      const amend = (value: number) =>
        hospital.records.amend(id, { id: records[0]!, version: 1 }, observation(value), {
          reason: 'remeasured',
        });
      const outcomes = await Promise.allSettled([amend(1), amend(2), amend(3)]);
      assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') await refused('CONFLICT', Promise.reject(outcome.reason as Error));
      }
      const [released] = await reading();
      assert.equal(released!.metadata.version, 2);
      await released!.json();
    });

    it('is gone for readers once it was retracted, for good, and kept for audit', async () => {
      const { records } = await hospital.records.register(id, observation());
      const right = await hospital.records.register(id, condition());
      const version = { id: records[0]!, version: 1 };
      await hospital.records.retract(id, version, { reason: 'Measured on somebody else' });
      assert.deepEqual(
        (await reading()).map(({ metadata }) => metadata.id),
        right.records,
      );
      await refused('PRECONDITION_FAILED', hospital.records.retract(id, version, { reason: 'again' }));
      await refused(
        'PRECONDITION_FAILED',
        hospital.records.amend(id, version, observation(), { reason: 'so that it comes back' }),
      );
      assert.equal((await all(registrar.records.list(id))).length, 1);
      const [audited] = await all(auditor.records.audit(id, { filter: { status: ['retracted'] } }));
      assert.equal(audited!.provenance.activity?.coding?.[0]?.code, 'NULLIFY');
      assert.equal(((await audited!.json()) as Observation).valueQuantity?.value, 142);
    });
  });

  describe('being uploaded', () => {
    it('goes on where it was interrupted, by the upload that was kept', async () => {
      const upload: Upload = JSON.parse(JSON.stringify(newUpload({ chunkSize: 1 << 16 }))) as Upload;
      const content = Buffer.alloc(300_000, 7);
      async function* unplugged(): AsyncGenerator<Uint8Array> {
        yield content.subarray(0, 200_000);
        await Promise.resolve();
        throw new Error('unplugged');
      }
      const document = { mediaType: 'application/dicom', class: 'ImagingStudy', upload };
      await assert.rejects(
        hospital.records.registerDocument(id, { ...document, content: unplugged() }),
        /unplugged/,
      );
      const changed = Buffer.alloc(300_000, 8);
      await refused('INTEGRITY', hospital.records.registerDocument(id, { ...document, content: changed }));
      const { records } = await hospital.records.registerDocument(id, { ...document, content });
      assert.deepEqual(records, [upload.record]);
      await refused('ALREADY_EXISTS', hospital.records.registerDocument(id, { ...document, content }));
      const [held] = await all(auditor.records.audit(id));
      assert.deepEqual(Buffer.from(await held!.bytes()), content);
    });
  });

  describe('being loaded in bulk', () => {
    it('takes 500 records a transaction, of several patients, from several loads at once', async () => {
      const other = await enrol(['hospital', 'HospitalMSP']);
      const patients = [id, other.at.HospitalMSP!.patient];
      const resources = Array.from({ length: 600 }, (_, n) => ({
        patient: patients[n % 2]!,
        resource: observation(n),
      }));
      const loads = await Promise.all([
        all(hospital.records.registerBatch(resources)),
        all(hospital.records.registerBatch(resources.slice(0, 10))),
      ]);
      assert.deepEqual(
        loads.map((batches) => batches.map(({ records }) => records.length)),
        [[500, 100], [10]],
      );
      const listed = await all(registrar.records.list(id, { pageSize: 200 }));
      assert.equal(listed.length, 305);
      const [first] = loads[0];
      assert.ok(listed.some(({ id: record }) => record === first!.records[0]!.record));
    });
  });

  describe('being verified', () => {
    it('is by anyone who was given the content and its certificate, at any peer', async () => {
      const { records } = await hospital.records.register(id, observation(142));
      const [listed] = await all(auditor.records.audit(id));
      const certificate = contentCertificate('HospitalMSP', listed!.metadata);
      const content = await listed!.bytes();
      const journal = await as('research', 'service');
      const elsewhere = await as('pharmacy', 'service');
      for (const anyone of [journal, elsewhere]) {
        assert.equal((await anyone.records.verifyContent(certificate, content)).status, 'current');
      }
      const altered = Buffer.from(content);
      altered[altered.length - 5]! ^= 1;
      await refused('INTEGRITY', journal.records.verifyContent(certificate, altered));
      const unknown = { ...certificate, salt: 'ab'.repeat(32) };
      await refused('NOT_FOUND', hospital.records.verifyContent(unknown, content));

      await hospital.records.amend(id, { id: records[0]!, version: 1 }, observation(143), { reason: 'typo' });
      await eventually(
        () => journal.records.verifyContent(certificate, content),
        ({ status }) => status === 'superseded',
      );
    });
  });

  describe('being put right at the patient’s request', () => {
    it('is answered by an amendment or a refusal with the rule, which the patient reads', async () => {
      const { records } = await hospital.records.register(id, observation(142));
      const [record] = records as [string];
      const ask = (reason: string) => registrar.rectifications.request(id, record, { reason });
      const [granted, refusedOne] = [await ask('It was 141'), await ask('It was never measured')];
      await hospital.records.amend(id, { id: record, version: 1 }, observation(141), {
        reason: 'The patient is right',
        rectification: granted,
      });
      await registrar.rectifications.refuse(
        id,
        { request: refusedOne, record },
        { reason: 'The device kept the reading', citation: '45 CFR 164.526(a)(2)(iv)' },
      );
      const relay = await as('clinic', 'service');
      const read = await all(relay.rectifications.answers(patient.at.HospitalMSP!, patient.key));
      const answers = new Map(read.map(({ request, answer }) => [request, answer]));
      assert.deepEqual([answers.get(granted)?.how, answers.get(granted)?.version], ['amended', 2]);
      assert.equal(answers.get(refusedOne)?.citation, '45 CFR 164.526(a)(2)(iv)');
      assert.equal((await all(registrar.rectifications.list(id))).length, 2);
    });
  });

  describe('being erased', () => {
    it('is refused with the citation while it must be kept', async () => {
      const { records } = await hospital.records.register(id, observation());
      const error = await refused(
        'PRECONDITION_FAILED',
        registrar.records.erase(id, records[0]!, 'The patient asked for it', { ground: 'consent-withdrawn' }),
      );
      assert.equal(error.details.citation, '22 CCR § 70751(c)');
      const { retentions } = await registrar.records.previewErasure(id, records[0]!);
      assert.deepEqual(
        retentions.map(({ rule }) => rule),
        ['us-ca-22ccr70751', 'us-42cfr482'],
      );
    });

    it('is refused under a legal hold; then its receipt says what is gone, and nothing of it can be verified', async () => {
      const { records } = await hospital.records.register(id, observation());
      const [record] = records as [string];
      await hospital.records.amend(id, { id: record, version: 1 }, observation(1), { reason: 'typo' });
      const [listed] = await all(auditor.records.audit(id));
      const certificate = contentCertificate('HospitalMSP', listed!.metadata);
      const content = await listed!.bytes();
      const hold = await auditor.holds.place(id, { reason: 'Litigation' });
      const erase = () =>
        registrar.records.erase(id, record, 'Of another person', { ground: 'wrong-person' });
      assert.equal((await refused('PRECONDITION_FAILED', erase())).details.reason, 'LEGAL_HOLD');
      await auditor.holds.release(id, hold, { reason: 'Settled' });
      const receipt = await erase();
      assert.deepEqual(
        receipt.vault.map(({ object, share }) => [object, share]),
        [
          [true, true],
          [true, true],
        ],
      );
      assert.ok(receipt.remains.every(({ until }) => until !== ''));
      const status = ['current', 'superseded', 'retracted'] as const;
      assert.deepEqual(await all(auditor.records.audit(id, { filter: { status } })), []);
      await refused('NOT_FOUND', registrar.records.verifyContent(certificate, content));
    });
  });

  describe('being transferred', () => {
    it('is a copy in another custodian’s care, under consent, the same byte by byte, and never made twice', async () => {
      patient = await enrol(['hospital', 'HospitalMSP'], ['clinic', 'ClinicMSP']);
      const { HospitalMSP: from, ClinicMSP: to } = patient.at as Record<string, PatientToken>;
      const { records } = await hospital.records.register(from!.patient, observation(142));
      await hospital.records.register(from!.patient, condition());
      const clinic = await as('clinic', 'service', {
        actor: { role: 'practitioner', subject: '5f0e2c4a9b1d4c7f8a6e3d2b1c0f9e8d' },
      });
      const wanted = { from: from!, patient: to!.patient, filter: { classes: ['Observation'] } };
      await refused('CONSENT_DENIED', all(clinic.records.transfer(wanted)));
      await grantToClinic(hospital, patient, { classes: ['Observation'] });
      const [copied, ...others] = await all(clinic.records.transfer(wanted));
      assert.deepEqual(others, []);
      assert.deepEqual([copied!.source.record, copied!.source.version], [records[0], 1]);
      assert.ok(copied!.transactionId);

      const registrarThere = clinic.as({ role: 'registrar', subject: 'registrar-of-the-clinic' });
      const held = await all(registrarThere.records.list(to!.patient));
      assert.deepEqual(
        held.map(({ id: record, copiedFrom }) => [record, copiedFrom]),
        [[copied!.record, copied!.source]],
      );
      const auditorThere = clinic.as({ role: 'auditor', subject: 'auditor-of-the-clinic' });
      const [copy] = await all(auditorThere.records.audit(to!.patient));
      const certificate = { custodian: 'HospitalMSP', salt: copied!.source.proof };
      assert.equal((await clinic.records.verifyContent(certificate, copy!.content())).status, 'current');
      assert.equal(copy!.provenance.entity?.[0]?.role, 'source');

      const again = await all(clinic.records.transfer(wanted));
      assert.deepEqual(again, [{ record: copied!.record, source: copied!.source }]);
      assert.equal((await all(registrarThere.records.list(to!.patient))).length, 1);
      const log = await all(hospital.access.log(from!, patient.key));
      assert.ok(log.some(({ actor, outcome }) => actor.mspId === 'ClinicMSP' && outcome === 'permit'));
    });
  });
});
