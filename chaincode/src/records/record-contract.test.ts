import assert from 'node:assert/strict';
import {
  digestOf,
  FIRST_SENSITIVITY_MAP,
  proofHash,
  proofId,
  proofSalt,
  provenStatus,
} from '@vitaledger/domain';
import { Bench, caller, consortiumDocument, random, type Call } from '../testing/bench.js';
import { KeyPair, Patient, recordInput } from '../testing/patient.js';
import { RecordsBench } from '../testing/records-bench.js';
import { RecordContract } from './record-contract.js';

const registrar = caller('HospitalMSP', 'registrar');
const records = new RecordContract();
const reader = new KeyPair();

describe('RecordContract', () => {
  let bench: Bench;
  let patient: Patient;

  beforeEach(async () => {
    bench = await Bench.founded();
    patient = new Patient(bench);
  });

  const enrol = (call: Partial<Call> = {}) =>
    bench.submit(records, 'enrol', { as: registrar, input: patient.enrolment(), ...call });
  const register = (inputs: readonly object[], call: Partial<Call> = {}) =>
    bench.submit(records, 'register', {
      as: registrar,
      input: { patient: patient.id, records: inputs },
      ...call,
    });
  const look = async (input: object = {}, call: Partial<Call> = {}) => {
    const answer = await bench.submit(records, 'inspect', {
      as: registrar,
      input: {
        patient: patient.id,
        scope: 'metadata',
        purpose: 'HCOMPL',
        filter: {},
        encryptionKey: reader.jwk,
        salt: random(),
        ...input,
      },
      ...call,
    });
    return (JSON.parse(answer) as { receipt: string }).receipt;
  };
  const turn = async (receipt: string, input: object = {}, as = registrar) => {
    const page = JSON.parse(
      await bench.evaluate(records, 'list', { as, at: 'HospitalMSP', input: { receipt, ...input } }),
    ) as { jwe: string; bookmark: string };
    const { records: shown } = (await reader.read(page.jwe)) as { records: Record<string, unknown>[] };
    return { records: shown, bookmark: page.bookmark };
  };
  const list = async (input: object = {}) => turn(await look(input));

  describe('enrol', () => {
    it('writes the patient head with the keys, valid from the transaction’s instant, and answers nothing', async () => {
      assert.equal(await enrol(), '');
      const head = JSON.parse(
        bench.channel.committed('HospitalMSP', `patient/${patient.id}`)!.toString(),
      ) as Record<string, unknown>;
      assert.deepEqual(head.keys, [
        { kid: patient.key.kid, jwk: patient.key.jwk, use: 'sig', from: bench.now },
      ]);
      assert.equal(head.sequence, 0);
      assert.deepEqual(bench.channel.keys('ClinicMSP'), []);
    });

    it('refuses an id that is taken', async () => {
      await enrol();
      await assert.rejects(enrol(), { code: 'ALREADY_EXISTS' });
    });

    it('lets only the custodian’s registrar enrol, also through a service', async () => {
      const service = caller('HospitalMSP', 'service');
      const actor = { role: 'registrar', subject: 'r-7' };
      await enrol({ as: service, input: patient.enrolment({ actor }) });
      patient = new Patient(bench);
      await assert.rejects(enrol({ as: caller('HospitalMSP', 'practitioner') }), {
        code: 'PERMISSION_DENIED',
        details: { reason: 'ROLE' },
      });
      await assert.rejects(enrol({ as: caller('ClinicMSP', 'registrar'), at: 'HospitalMSP' }), {
        code: 'PERMISSION_DENIED',
        details: { reason: 'NOT_THE_CUSTODIAN' },
      });
      await assert.rejects(enrol({ input: patient.enrolment({ actor }) }), {
        code: 'PERMISSION_DENIED',
        details: { reason: 'ACTOR_NOT_ALLOWED' },
      });
    });

    it('refuses a private key, an unknown member and a short salt, naming the place', async () => {
      const withPrivate = patient.enrolment({
        keys: [{ jwk: { ...patient.key.jwk, d: 'AAAA' }, use: 'sig' }],
      });
      await assert.rejects(enrol({ input: withPrivate }), {
        code: 'INVALID_ARGUMENT',
        details: { path: 'input.keys[0].jwk' },
      });
      await assert.rejects(enrol({ input: patient.enrolment({ salt: 'abcd' }) }), {
        code: 'INVALID_ARGUMENT',
        details: { path: 'input.salt' },
      });
      await assert.rejects(enrol({ input: patient.enrolment({ name: 'Ann' }) }), (error: Error) => {
        assert.doesNotMatch(error.message, /Ann/);
        return (error as { code?: string }).code === 'INVALID_ARGUMENT';
      });
    });

    it('says that the arguments belong into the transient field', async () => {
      await assert.rejects(enrol({ input: undefined }), {
        code: 'INVALID_ARGUMENT',
        details: { path: 'input' },
      });
      await assert.rejects(enrol({ input: [1] }), { code: 'INVALID_ARGUMENT', details: { path: 'input' } });
    });

    it('refuses a stale clock and a timestamp before it', async () => {
      bench.skip(331_000);
      await assert.rejects(enrol(), { code: 'UNAVAILABLE', details: { reason: 'CLOCK_STALE' } });
      await bench.pass(0);
      const before = new Date(Date.parse(bench.now) - 31_000).toISOString();
      await assert.rejects(enrol({ timestamp: before }), {
        code: 'INVALID_ARGUMENT',
        details: { reason: 'TIMESTAMP_BEFORE_CLOCK' },
      });
    });

    it('is invalid if a beat commits between endorsement and commit', async () => {
      const call = { as: registrar, input: patient.enrolment() };
      const held = bench.begin(call);
      await bench.execute(records, 'enrol', call, held);
      await bench.pass(60_000);
      assert.equal(held.commit(), false);
    });
  });

  describe('register', () => {
    beforeEach(() => enrol());

    it('stores metadata, manifest, key share, instant and who registered', async () => {
      const input = recordInput();
      await register([input]);
      const stored: unknown = JSON.parse(
        bench.channel.committed('HospitalMSP', `record/${patient.id}/${input.id}`)!.toString(),
      );
      assert.deepEqual(stored, {
        ...input,
        patient: patient.id,
        registered: bench.now,
        registeredBy: { mspId: 'HospitalMSP', role: 'registrar', subject: 'registrar-1' },
        version: 1,
      });
    });

    it('registers all records or none', async () => {
      const taken = recordInput();
      await register([taken]);
      const before = bench.channel.keys('HospitalMSP');
      await assert.rejects(register([recordInput(), { ...taken, salt: random() }]), {
        code: 'ALREADY_EXISTS',
        details: { what: 'record', path: 'input.records[1].id' },
      });
      await assert.rejects(register([recordInput(), recordInput({ class: 'not a class' })]), {
        code: 'INVALID_ARGUMENT',
        details: { path: 'input.records[1].class' },
      });
      assert.deepEqual(bench.channel.keys('HospitalMSP'), before);
    });

    it('takes 2,000 records at once and no more', async () => {
      const many = Array.from({ length: 2000 }, () => recordInput());
      await register(many);
      assert.equal(bench.channel.keys('HospitalMSP').filter((key) => key.startsWith('record/')).length, 2000);
      await assert.rejects(register([...many, recordInput()]), { code: 'INVALID_ARGUMENT' });
      await assert.rejects(register([]), { code: 'INVALID_ARGUMENT' });
    });

    it('takes records from the custodian’s care staff and from its service for itself', async () => {
      for (const role of ['practitioner', 'laboratory', 'pharmacist', 'registrar', 'service']) {
        await register([recordInput()], { as: caller('HospitalMSP', role) });
      }
      for (const role of ['emergency', 'investigator', 'auditor', 'admin']) {
        await assert.rejects(register([recordInput()], { as: caller('HospitalMSP', role) }), {
          code: 'PERMISSION_DENIED',
        });
      }
    });

    it('says that a patient is unknown here', async () => {
      await assert.rejects(
        register([recordInput()], { input: { patient: random(), records: [recordInput()] } }),
        {
          code: 'NOT_FOUND',
        },
      );
      const elsewhere = { as: caller('ClinicMSP', 'registrar'), at: 'ClinicMSP' };
      await assert.rejects(register([recordInput()], elsewhere), { code: 'NOT_FOUND' });
    });
  });

  describe('registerBatch', () => {
    const bulk = (patients: unknown) =>
      bench.submit(records, 'registerBatch', { as: caller('HospitalMSP', 'service'), input: { patients } });
    let other: Patient;

    beforeEach(async () => {
      await enrol();
      other = new Patient(bench);
      await enrol({ input: other.enrolment() });
    });

    it('registers several patients’ records, all or none', async () => {
      const [one, two] = [recordInput(), recordInput()];
      await bulk([
        { patient: patient.id, records: [one] },
        { patient: other.id, records: [two, recordInput()] },
      ]);
      assert.deepEqual(
        (await list({ patient: patient.id })).records.map(({ id }) => id),
        [one.id],
      );
      const before = bench.channel.keys('HospitalMSP');
      const again = { ...two, salt: random() };
      await assert.rejects(
        bulk([
          { patient: patient.id, records: [recordInput()] },
          { patient: other.id, records: [again] },
        ]),
        { code: 'ALREADY_EXISTS', details: { what: 'record', path: 'input.patients[1].records[0].id' } },
      );
      await assert.rejects(bulk([{ patient: random(), records: [recordInput()] }]), { code: 'NOT_FOUND' });
      assert.deepEqual(bench.channel.keys('HospitalMSP'), before);
    });

    it('takes each patient, id and salt once, and 2,000 records altogether', async () => {
      const record = recordInput();
      const path = 'input.patients';
      for (const patients of [
        [],
        [
          { patient: patient.id, records: [recordInput()] },
          { patient: patient.id, records: [recordInput()] },
        ],
        [
          { patient: patient.id, records: Array.from({ length: 1001 }, () => recordInput()) },
          { patient: other.id, records: Array.from({ length: 1000 }, () => recordInput()) },
        ],
      ]) {
        await assert.rejects(bulk(patients), { code: 'INVALID_ARGUMENT', details: { path } });
      }
      const twice = [patient, other].map(({ id }) => ({ patient: id, records: [record] }));
      await assert.rejects(bulk(twice), { details: { path: 'input.patients[1].id' } });
    });

    it('does not conflict with another registration for the same patient', async () => {
      const calls = [1, 2].map(() => ({
        as: registrar,
        input: { patients: [{ patient: patient.id, records: [recordInput()] }] },
      }));
      const held = calls.map((call) => bench.begin(call));
      for (const [n, call] of calls.entries()) await bench.execute(records, 'registerBatch', call, held[n]!);
      assert.deepEqual(
        held.map((transaction) => transaction.commit()),
        [true, true],
      );
    });
  });

  describe('contentHash', () => {
    const hashOf = async (recordSalt: string, custodian = 'HospitalMSP') => {
      const args = [custodian, proofId(proofSalt(recordSalt))];
      // A researcher, at another organization's peer: nobody needs to be let in.
      const call = { as: caller('ResearchMSP', undefined), at: 'ClinicMSP', args };
      return (JSON.parse(await bench.evaluate(records, 'contentHash', call)) as { hash: string }).hash;
    };

    it('tells anybody at any peer what the custodian holds of a content, and nothing of the record', async () => {
      await enrol();
      const input = recordInput();
      await register([input]);
      const { digest } = input.manifest as { digest: string };
      const salt = proofSalt(input.salt);
      assert.equal(await hashOf(input.salt), proofHash({ digest, status: 'current', salt }));
      await assert.rejects(hashOf(random()), { code: 'NOT_FOUND' });
      await assert.rejects(hashOf(input.salt, 'ClinicMSP'), { code: 'NOT_FOUND' });
      await assert.rejects(hashOf(input.salt, 'StrangerMSP'), { code: 'NOT_FOUND' });
      await assert.rejects(hashOf(input.salt, 'no msp'), { code: 'INVALID_ARGUMENT' });
    });

    it('follows amendment and retraction, and ends with erasure', async () => {
      const hospital = await RecordsBench.open(bench);
      const first = await hospital.register();
      const status = async ({ salt, manifest }: { salt: string; manifest?: unknown }) =>
        provenStatus(await hashOf(salt), (manifest as { digest: string }).digest, proofSalt(salt));
      assert.equal(await status(first), 'current');
      const second = await hospital.amend(first.id);
      assert.deepEqual([await status(first), await status(second)], ['superseded', 'current']);
      await hospital.retract(first.id, { version: 2 });
      assert.deepEqual([await status(first), await status(second)], ['superseded', 'retracted']);
      await hospital.erase(first.id, 'unlawful');
      for (const version of [first, second]) await assert.rejects(status(version), { code: 'NOT_FOUND' });
    });
  });

  describe('inspect and list', () => {
    const auditor = caller('HospitalMSP', 'auditor');
    const loinc = (code: string) => ({ system: 'http://loinc.org', code });
    const restricted = { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' };

    beforeEach(() => enrol());

    it('page through the records by id, without the shares of their keys', async () => {
      const inputs = Array.from({ length: 5 }, () => recordInput());
      await register(inputs);
      const receipt = await look();
      const first = await turn(receipt, { pageSize: 2 });
      const second = await turn(receipt, { pageSize: 2, bookmark: first.bookmark });
      const third = await turn(receipt, { pageSize: 2, bookmark: second.bookmark });
      assert.equal(third.bookmark, '');
      const shown = [...first.records, ...second.records, ...third.records];
      assert.deepEqual(
        shown.map(({ id }) => id),
        inputs.map(({ id }) => id).sort(),
      );
      assert.equal(
        shown.some((record) => 'keyShare' in record),
        false,
      );
      assert.equal((await turn(receipt, { pageSize: 5 })).bookmark, '');
    });

    it('leave an entry in the log that the patient reads: who looked, at what and why', async () => {
      const filter = { classes: ['Observation'], labels: [restricted] };
      const receipt = await look({ filter });
      const [name = ''] = bench.channel.keys('HospitalMSP').filter((key) => key.startsWith('log/'));
      assert.equal(name, `log/${patient.id}/${bench.now}/${receipt}`);
      const entry = JSON.parse(bench.channel.committed('HospitalMSP', name)!.toString()) as object;
      assert.deepEqual(
        { ...entry, salt: '' },
        {
          receipt,
          patient: patient.id,
          custodian: 'HospitalMSP',
          instant: bench.now,
          actor: { mspId: 'HospitalMSP', role: 'registrar', subject: 'registrar-1' },
          scope: 'metadata',
          purpose: 'HCOMPL',
          filter,
          outcome: 'permit',
          inspection: true,
          rules: [],
          salt: '',
        },
      );
    });

    it('find by class, code, label, date and id, and by all of them together', async () => {
      const [a, b, c] = [
        recordInput({ date: '2026-01-01', codes: [loinc('1-1')] }),
        recordInput({ date: '2025-01-01', codes: [loinc('2-2')], labels: [restricted] }),
        recordInput({ class: 'Condition', date: '2026-01-01', category: [loinc('1-1')] }),
      ] as const;
      await register([a, b, c]);
      for (const [filter, expected] of [
        [{ classes: ['Condition'] }, [c]],
        [{ codes: [loinc('1-1')] }, [a, c]],
        [{ labels: [restricted] }, [b]],
        [{ from: '2025-06', to: '2026-06' }, [a, c]],
        [{ records: [b.id, random()] }, [b]],
        [{ codes: [loinc('1-1')], classes: ['Observation'] }, [a]],
        [{ codes: [loinc('1-1')], labels: [restricted] }, []],
      ] as const) {
        const { records: found } = await list({ filter });
        assert.deepEqual(
          found.map(({ id }) => id),
          expected.map(({ id }) => id).sort(),
          JSON.stringify(filter),
        );
      }
    });

    it('show one patient’s records to the custodian’s registrar and auditor only', async () => {
      await register([recordInput()]);
      const other = new Patient(bench);
      await enrol({ input: other.enrolment() });
      assert.deepEqual(await list({ patient: other.id }), { records: [], bookmark: '' });
      const audited = await look({}, { as: auditor });
      assert.equal((await turn(audited, {}, auditor)).records.length, 1);
      await assert.rejects(turn(audited), {
        code: 'PERMISSION_DENIED',
        details: { reason: 'NOT_THE_REQUESTER' },
      });
      await assert.rejects(look({}, { as: caller('HospitalMSP', 'practitioner') }), {
        code: 'PERMISSION_DENIED',
      });
      await assert.rejects(look({}, { as: caller('ClinicMSP', 'registrar'), at: 'HospitalMSP' }), {
        code: 'PERMISSION_DENIED',
      });
    });

    it('open contents to an auditor, and to nobody for a purpose that is not their office', async () => {
      const input = recordInput();
      await register([input]);
      const audited = await look({ scope: 'content', purpose: 'FRAUD' }, { as: auditor });
      assert.equal((await turn(audited, {}, auditor)).records[0]?.keyShare, input.keyShare);
      await assert.rejects(look({ scope: 'content' }), {
        code: 'PERMISSION_DENIED',
        details: { reason: 'AUDITORS_ONLY' },
      });
      await assert.rejects(look({ purpose: 'TREAT' }, { as: auditor }), {
        code: 'PERMISSION_DENIED',
        details: { reason: 'PURPOSE_NOT_OF_ROLE' },
      });
    });

    it('end after ten minutes, and refuse what is no inspection or no bookmark', async () => {
      const receipt = await look();
      await assert.rejects(turn(receipt, { bookmark: '../patient' }), { code: 'INVALID_ARGUMENT' });
      await assert.rejects(turn(random(256)), { code: 'NOT_FOUND' });
      await assert.rejects(look({ filter: { name: 'x' } }), {
        code: 'INVALID_ARGUMENT',
        details: { path: 'input.filter' },
      });
      await bench.pass(600_000);
      await assert.rejects(turn(receipt), { code: 'EXPIRED' });
    });
  });

  describe('labelling', () => {
    const hiv = {
      codes: [{ system: 'http://loinc.org', code: '20447-9' }],
      labels: [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'N' }],
    };
    const { id, version } = FIRST_SENSITIVITY_MAP;
    const labelsOf = (record: Record<string, unknown> | undefined) =>
      (record?.labels as { code: string }[]).map(({ code }) => code);

    it('keeps the author’s labels alone where the consortium adopted no map', async () => {
      await enrol();
      await register([recordInput(hiv)]);
      const [record] = (await list()).records;
      assert.deepEqual(labelsOf(record), ['N']);
      assert.equal(record?.labelledBy, undefined);
    });

    it('adds what the adopted map derives, so that an HIV result called normal is restricted', async () => {
      bench = new Bench();
      patient = new Patient(bench);
      const args = [JSON.stringify(FIRST_SENSITIVITY_MAP)];
      await bench.submit(bench.consortium, 'publishMap', { as: caller('HospitalMSP', 'admin'), args });
      await bench.adopt(
        consortiumDocument({ maps: [{ id, version, digest: digestOf(FIRST_SENSITIVITY_MAP) }] }),
      );
      await bench.submit(bench.consortium, 'beat', { as: caller('HospitalMSP', 'admin') });
      await enrol();
      await register([recordInput(hiv), recordInput()]);
      const { records: listed } = await list();
      assert.deepEqual(listed.map(labelsOf).sort(), [[], ['N', 'HIV', 'R']]);
      for (const { labelledBy } of listed) assert.deepEqual(labelledBy, { id, version });
    });
  });
});
