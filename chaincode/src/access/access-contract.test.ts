import assert from 'node:assert/strict';
import {
  classCoding,
  organizationActor,
  purposeCoding,
  type Decision,
  type LogEntry,
} from '@vitaledger/domain';
import { ConsentContract } from '../consent/consent-contract.js';
import { RecordContract } from '../records/record-contract.js';
import { Bench, caller, consortiumDocument, random, type Call } from '../testing/bench.js';
import { KeyPair, Patient, recordInput } from '../testing/patient.js';
import { AccessContract } from './access-contract.js';

const access = new AccessContract();
const consents = new ConsentContract();
const records = new RecordContract();
const registrar = caller('HospitalMSP', 'registrar');
const doctor = caller('ClinicMSP', 'practitioner', 'dr-9');

interface Opened {
  receipt: string;
  decision: Decision;
  records: Record<string, unknown>[];
}

describe('AccessContract', () => {
  let bench: Bench;
  let patient: Patient;
  let reader: KeyPair;

  beforeEach(async () => {
    bench = await Bench.founded();
    patient = new Patient(bench);
    reader = new KeyPair();
    await bench.submit(records, 'enrol', { as: registrar, input: patient.enrolment() });
  });

  const register = (...inputs: object[]) =>
    bench.submit(records, 'register', { as: registrar, input: { patient: patient.id, records: inputs } });
  const grant = (statement = patient.consent()) =>
    bench.submit(consents, 'grant', {
      as: registrar,
      input: { patient: patient.id, statement, salt: random() },
    });
  const revoke = () =>
    bench.submit(consents, 'revoke', {
      as: caller('PharmacyMSP', 'service'),
      args: [[...patient.secrets.values()].at(-1)!],
    });
  const ask = (change: object = {}) => ({
    patient: patient.id,
    scope: 'content',
    purpose: 'TREAT',
    filter: {},
    encryptionKey: reader.jwk,
    salt: random(),
    ...change,
  });
  const request = async (change: object = {}, call: Partial<Call> = {}) => {
    const answer = await bench.submit(access, 'request', {
      as: doctor,
      at: 'HospitalMSP',
      input: ask(change),
      ...call,
    });
    return (JSON.parse(answer) as { receipt: string }).receipt;
  };
  const openRaw = async (receipt: string, input: object = {}, call: Partial<Call> = {}) =>
    JSON.parse(
      await bench.evaluate(access, 'open', {
        as: doctor,
        at: 'HospitalMSP',
        input: { receipt, ...input },
        ...call,
      }),
    ) as { jwe: string; bookmark: string };
  const open = async (receipt: string, input: object = {}, call: Partial<Call> = {}) =>
    (await reader.read((await openRaw(receipt, input, call)).jwe)) as Opened;
  const stored = <T>(prefix: string) =>
    bench.channel
      .keys('HospitalMSP')
      .filter((key) => key.startsWith(prefix))
      .map((key) => JSON.parse(bench.channel.committed('HospitalMSP', key)!.toString()) as T);

  describe('request', () => {
    it('answers the same opaque receipt whether it permits or denies, and logs both', async () => {
      const denied = await request();
      await grant();
      const permitted = await request();
      const log = stored<LogEntry>(`log/${patient.id}/`);
      assert.deepEqual(
        log
          .map(({ receipt, outcome }) => [receipt, outcome])
          .sort((one, other) => (one[1]! < other[1]! ? -1 : 1)),
        [
          [denied, 'deny'],
          [permitted, 'permit'],
        ],
      );
      const [{ salt: first } = { salt: '' }, { salt: second } = { salt: '' }] = log;
      const receipts = stored<{ salt: string }>('receipt/').map(({ salt }) => salt);
      assert.equal(new Set([first, second, ...receipts]).size, 4);
    });

    it('logs who acted through which service', async () => {
      const actor = { role: 'practitioner', subject: 'dr-7' };
      await request({ actor }, { as: caller('ClinicMSP', 'service', 'ehr-1') });
      const [entry] = stored<LogEntry>('log/');
      assert.deepEqual(entry?.actor, { mspId: 'ClinicMSP', ...actor });
      assert.equal(entry.via, 'ehr-1');
    });

    it('refuses a purpose that the role may not have, a service for nobody, and a role not vouched for', async () => {
      await assert.rejects(request({ purpose: 'HRESCH' }), {
        code: 'PERMISSION_DENIED',
        details: { reason: 'PURPOSE_NOT_OF_ROLE' },
      });
      await assert.rejects(request({}, { as: caller('ClinicMSP', 'service') }), {
        code: 'PERMISSION_DENIED',
      });
      await assert.rejects(request({}, { as: caller('EthicsMSP', 'practitioner') }), {
        code: 'PERMISSION_DENIED',
        details: { reason: 'ROLE_NOT_VOUCHED' },
      });
    });

    it('refuses a key that is not on the curve, or that is private', async () => {
      const { x, ...rest } = reader.jwk;
      const y = Buffer.alloc(32, 7).toString('base64url');
      await assert.rejects(request({ encryptionKey: { ...rest, x, y } }), { code: 'INVALID_ARGUMENT' });
      await assert.rejects(request({ encryptionKey: { ...reader.jwk, d: y } }), { code: 'INVALID_ARGUMENT' });
    });

    it('is invalid if a consent change at the custodian commits first', async () => {
      const call = { as: doctor, at: 'HospitalMSP', input: ask() };
      const held = bench.begin(call);
      await bench.execute(access, 'request', call, held);
      await grant();
      assert.equal(held.commit(), false);
    });
  });

  describe('outcome', () => {
    it('explains the decision to who requested, and to nobody else', async () => {
      await grant();
      const receipt = await request();
      const outcome = (as: Call['as']) =>
        bench.evaluate(access, 'outcome', { as, at: 'HospitalMSP', input: { receipt } });
      const document = JSON.parse(await outcome(doctor)) as { decision: Decision; expires: string };
      assert.equal(document.decision.outcome, 'permit');
      assert.equal(document.expires, new Date(Date.parse(bench.now) + 600_000).toISOString());
      await assert.rejects(outcome(caller('ClinicMSP', 'practitioner', 'dr-10')), {
        code: 'PERMISSION_DENIED',
      });
      await assert.rejects(outcome(caller('HospitalMSP', 'practitioner', 'dr-9')), {
        code: 'PERMISSION_DENIED',
      });
    });

    it('says nothing of what the patient told others', async () => {
      const provision = {
        type: 'permit' as const,
        actor: [organizationActor('ResearchMSP')],
        class: [classCoding('Condition')],
        period: { end: '2027-03-01' },
      };
      await grant(patient.consent({ provision }));
      const own = patient.consent({
        provision: {
          ...provision,
          actor: [organizationActor('ClinicMSP')],
          purpose: [purposeCoding('PATRQT')],
        },
      });
      await grant(own);
      const receipt = await request();
      const text = await bench.evaluate(access, 'outcome', {
        as: doctor,
        at: 'HospitalMSP',
        input: { receipt },
      });
      const { decision } = JSON.parse(text) as { decision: Decision };
      assert.equal(decision.outcome, 'deny');
      assert.deepEqual(Object.keys(decision.classes), ['*']);
      assert.deepEqual(
        decision.consents.map(({ mismatch }) => mismatch),
        ['purpose'],
      );
      const [kept] = stored<{ decision: Decision }>('receipt/');
      assert.equal(kept?.decision.consents.length, 2, 'the custodian keeps all of it');
    });

    it('says that a receipt is unknown or malformed', async () => {
      const ask = (receipt: string) =>
        bench.evaluate(access, 'outcome', { as: doctor, at: 'HospitalMSP', input: { receipt } });
      await assert.rejects(ask(random(256)), { code: 'NOT_FOUND' });
      await assert.rejects(ask('x'), { code: 'INVALID_ARGUMENT' });
    });
  });

  describe('open', () => {
    it('releases manifests and key shares for scope content, metadata alone for scope metadata', async () => {
      const input = recordInput();
      await register(input);
      await grant();
      const content = await open(await request());
      assert.deepEqual(content.records, [
        {
          ...input,
          patient: patient.id,
          registered: bench.now,
          registeredBy: { mspId: 'HospitalMSP', role: 'registrar', subject: 'registrar-1' },
          version: 1,
        },
      ]);
      const metadata = await open(await request({ scope: 'metadata' }));
      const rest: Record<string, unknown> = { ...content.records[0] };
      delete rest.keyShare;
      delete rest.manifest;
      assert.deepEqual(metadata.records, [rest]);
      assert.equal(metadata.decision.outcome, 'permit');
    });

    it('encrypts to the key of the request, anew each time', async () => {
      await grant();
      const receipt = await request();
      const { jwe } = await openRaw(receipt);
      await assert.rejects(new KeyPair().read(jwe));
      assert.notEqual((await openRaw(receipt)).jwe, jwe);
    });

    it('decides each record: the permitted classes come, the others do not', async () => {
      const observation = recordInput();
      await register(observation, recordInput({ class: 'Condition' }));
      const provision = {
        type: 'permit' as const,
        actor: [organizationActor('ClinicMSP')],
        purpose: [purposeCoding('TREAT')],
        class: [classCoding('Observation')],
        period: { end: '2027-03-01' },
      };
      await grant(patient.consent({ provision }));
      const { records: found } = await open(await request());
      assert.deepEqual(
        found.map(({ id }) => id),
        [observation.id],
      );
    });

    it('refuses when every record asked for is denied', async () => {
      const condition = recordInput({ class: 'Condition' });
      await register(recordInput(), condition);
      const provision = {
        type: 'permit' as const,
        actor: [organizationActor('ClinicMSP')],
        class: [classCoding('Observation')],
        period: { end: '2027-03-01' },
      };
      await grant(patient.consent({ provision }));
      const receipt = await request({ filter: { records: [condition.id] } });
      await assert.rejects(open(receipt), { code: 'CONSENT_DENIED', details: { receipt } });
    });

    it('answers alike whether withheld records exist or not', async () => {
      const HIV = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' };
      const loinc = (code: string) => [{ system: 'http://loinc.org', code }];
      await register(recordInput(), recordInput({ labels: [HIV], codes: loinc('25836-8') }));
      const except = { type: 'deny' as const, securityLabel: [HIV] };
      const provision = { type: 'permit' as const, period: { end: '2027-03-01' }, provision: [except] };
      await grant(patient.consent({ provision }));
      assert.equal((await open(await request())).records.length, 1);
      for (const code of ['25836-8', '33630-5']) {
        const receipt = await request({ filter: { codes: loinc(code) } });
        await assert.rejects(open(receipt), { code: 'CONSENT_DENIED', details: { receipt } });
      }
    });

    it('keeps to the filter, and to what was registered no later than the request', async () => {
      const [one, two] = [recordInput(), recordInput({ date: '2020-01-01' })];
      await register(one, two);
      await grant();
      const recent = await request({ filter: { from: '2026' } });
      const named = await request({ filter: { records: [two.id, random()] } });
      const receipt = await request();
      bench.skip(1000);
      await register(recordInput());
      const ids = async (of: string) => (await open(of)).records.map(({ id }) => id);
      assert.deepEqual(await ids(recent), [one.id]);
      assert.deepEqual(await ids(named), [two.id]);
      assert.deepEqual(await ids(receipt), [one.id, two.id].sort());
    });

    it('pages, by range and by named records alike', async () => {
      const inputs = Array.from({ length: 5 }, () => recordInput());
      await register(...inputs);
      await grant();
      const ids = inputs.map(({ id }) => id).sort();
      for (const filter of [{}, { records: ids }]) {
        const receipt = await request({ filter });
        const found: unknown[] = [];
        let bookmark = '';
        do {
          const answer = await openRaw(receipt, { pageSize: 2, bookmark });
          found.push(...((await reader.read(answer.jwe)) as Opened).records.map(({ id }) => id));
          ({ bookmark } = answer);
        } while (bookmark);
        assert.deepEqual(found, ids);
      }
    });

    it('is refused after a revocation, although the head still holds the consent', async () => {
      await register(recordInput());
      await grant();
      const receipt = await request();
      await open(receipt);
      await revoke();
      await assert.rejects(open(receipt), { code: 'CONSENT_DENIED', details: { receipt } });
    });

    it('is refused ten minutes after the request, by the peer’s own clock', async () => {
      await grant();
      const receipt = await request();
      bench.skip(599_999);
      await open(receipt);
      bench.skip(1);
      await assert.rejects(open(receipt), { code: 'EXPIRED' });
    });

    it('is refused once the consent’s period has ended', async () => {
      const end = new Date(Date.parse(bench.now) + 60_000).toISOString();
      await register(recordInput());
      await grant(patient.consent({ provision: { type: 'permit', period: { end } } }));
      const receipt = await request();
      await open(receipt);
      bench.skip(60_001);
      await assert.rejects(open(receipt), { code: 'CONSENT_DENIED' });
    });

    it('never opens what was logged as denied, even if a consent came since', async () => {
      await register(recordInput());
      const receipt = await request();
      await grant();
      await assert.rejects(open(receipt), { code: 'CONSENT_DENIED', details: { receipt } });
    });

    it('is refused to an organization that was suspended since', async () => {
      await grant();
      const receipt = await request();
      const { ClinicMSP, ...others } = consortiumDocument().organizations;
      const organizations = { ...others, ClinicMSP: { ...ClinicMSP!, status: 'suspended' as const } };
      await bench.adopt(consortiumDocument({ version: 2, organizations }));
      await assert.rejects(open(receipt), { code: 'PERMISSION_DENIED', details: { reason: 'SUSPENDED' } });
    });

    it('is refused to others, and to another role of the same person', async () => {
      await grant();
      const receipt = await request();
      const elsewhere = { as: caller('ResearchMSP', 'researcher', 'dr-9') };
      await assert.rejects(open(receipt, {}, elsewhere), { code: 'PERMISSION_DENIED' });
      const promoted = { as: caller('ClinicMSP', 'registrar', 'dr-9') };
      await assert.rejects(open(receipt, {}, promoted), { code: 'PERMISSION_DENIED' });
    });

    it('lets a service open for the person it named, not for another', async () => {
      await grant();
      const service = caller('ClinicMSP', 'service', 'ehr-1');
      const actor = { role: 'practitioner', subject: 'dr-9' };
      const receipt = await request({ actor }, { as: service });
      assert.equal((await open(receipt, { actor }, { as: service })).receipt, receipt);
      for (const other of [{}, { actor: { ...actor, subject: 'dr-10' } }]) {
        await assert.rejects(open(receipt, other, { as: service }), { code: 'PERMISSION_DENIED' });
      }
      await assert.rejects(open(receipt, { actor }, { as: caller('ClinicMSP', 'service', 'ehr-2') }), {
        code: 'PERMISSION_DENIED',
      });
      await assert.rejects(open(receipt), { code: 'PERMISSION_DENIED' });
    });

    it('opens nothing at a peer of an organization that is not the custodian', async () => {
      await grant();
      const receipt = await request();
      await assert.rejects(open(receipt, {}, { at: 'ClinicMSP' }), { code: 'NOT_FOUND' });
    });
  });

  describe('log', () => {
    const log = async (statement: string) =>
      (await patient.key.read(
        await bench.evaluate(access, 'log', {
          as: caller('PharmacyMSP', 'service'),
          at: 'HospitalMSP',
          input: { patient: patient.id, statement },
        }),
      )) as { entries: LogEntry[]; bookmark: string };

    it('shows the patient every request, oldest first, in pages', async () => {
      const receipts: string[] = [];
      for (let count = 0; count < 3; count++) {
        receipts.push(await request());
        bench.skip(1);
      }
      const first = await log(patient.read('log', { pageSize: 2 }));
      const second = await log(patient.read('log', { pageSize: 2, bookmark: first.bookmark }));
      assert.deepEqual(
        [...first.entries, ...second.entries].map(({ receipt }) => receipt),
        receipts,
      );
      assert.equal(second.bookmark, '');
      assert.deepEqual(first.entries[0]?.actor, {
        mspId: 'ClinicMSP',
        subject: 'dr-9',
        role: 'practitioner',
      });
    });

    it('refuses statements that are not the patient’s, or a bookmark that is none', async () => {
      await assert.rejects(log(new Patient(bench).read('log')), { code: 'PERMISSION_DENIED' });
      await assert.rejects(log(patient.read('log', { bookmark: '../x' })), { code: 'INVALID_ARGUMENT' });
    });
  });
});
