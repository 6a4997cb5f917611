import assert from 'node:assert/strict';
import {
  classCoding,
  organizationActor,
  purposeCoding,
  type Decision,
  type LogEntry,
} from '@vitaledger/domain';
import { AccessBench, type Opened } from '../testing/access-bench.js';
import { Bench, caller, consortiumDocument, random, type Call } from '../testing/bench.js';
import { KeyPair, Patient, recordInput } from '../testing/patient.js';
import { AccessContract } from './access-contract.js';

const access = new AccessContract();
const doctor = caller('ClinicMSP', 'practitioner', 'dr-9');

describe('AccessContract', () => {
  let bench: Bench;
  let patient: Patient;
  let at: AccessBench;

  beforeEach(async () => {
    bench = await Bench.founded();
    at = await AccessBench.open(bench);
    ({ patient } = at);
  });

  describe('request', () => {
    it('answers the same opaque receipt whether it permits or denies, and logs both', async () => {
      const denied = await at.request();
      await at.grant();
      const permitted = await at.request();
      const log = at.stored<LogEntry>(`log/${patient.id}/`);
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
      const receipts = at.stored<{ salt: string }>('receipt/').map(({ salt }) => salt);
      assert.equal(new Set([first, second, ...receipts]).size, 4);
    });

    it('logs who acted through which service', async () => {
      const actor = { role: 'practitioner', subject: 'dr-7' };
      await at.request({ actor }, { as: caller('ClinicMSP', 'service', 'ehr-1') });
      const [entry] = at.stored<LogEntry>('log/');
      assert.deepEqual(entry?.actor, { mspId: 'ClinicMSP', ...actor });
      assert.equal(entry.via, 'ehr-1');
    });

    it('refuses a purpose that the role may not have, a service for nobody, and a role not vouched for', async () => {
      await assert.rejects(at.request({ purpose: 'HRESCH' }), {
        code: 'PERMISSION_DENIED',
        details: { reason: 'PURPOSE_NOT_OF_ROLE' },
      });
      await assert.rejects(at.request({}, { as: caller('ClinicMSP', 'service') }), {
        code: 'PERMISSION_DENIED',
      });
      await assert.rejects(at.request({}, { as: caller('EthicsMSP', 'practitioner') }), {
        code: 'PERMISSION_DENIED',
        details: { reason: 'ROLE_NOT_VOUCHED' },
      });
    });

    it('refuses a key that is not on the curve, or that is private', async () => {
      const { x, ...rest } = at.reader.jwk;
      const y = Buffer.alloc(32, 7).toString('base64url');
      await assert.rejects(at.request({ encryptionKey: { ...rest, x, y } }), { code: 'INVALID_ARGUMENT' });
      await assert.rejects(at.request({ encryptionKey: { ...at.reader.jwk, d: y } }), {
        code: 'INVALID_ARGUMENT',
      });
    });

    it('is invalid if a consent change at the custodian commits first', async () => {
      const call = { as: doctor, at: 'HospitalMSP', input: at.ask() };
      const held = bench.begin(call);
      await bench.execute(access, 'request', call, held);
      await at.grant();
      assert.equal(held.commit(), false);
    });
  });

  describe('outcome', () => {
    it('explains the decision to who requested, and to nobody else', async () => {
      await at.grant();
      const receipt = await at.request();
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
      await at.grant(patient.consent({ provision }));
      const own = patient.consent({
        provision: {
          ...provision,
          actor: [organizationActor('ClinicMSP')],
          purpose: [purposeCoding('PATRQT')],
        },
      });
      await at.grant(own);
      const receipt = await at.request();
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
      const [kept] = at.stored<{ decision: Decision }>('receipt/');
      assert.equal(kept?.decision.consents.length, 2, 'the custodian keeps all of it');
    });

    it('says that a receipt is unknown or malformed', async () => {
      const outcome = (receipt: string) =>
        bench.evaluate(access, 'outcome', { as: doctor, at: 'HospitalMSP', input: { receipt } });
      await assert.rejects(outcome(random(256)), { code: 'NOT_FOUND' });
      await assert.rejects(outcome('x'), { code: 'INVALID_ARGUMENT' });
    });
  });

  describe('open', () => {
    it('releases manifests and key shares for scope content, metadata alone for scope metadata', async () => {
      const input = recordInput();
      await at.register(input);
      await at.grant();
      const content = await at.open(await at.request());
      assert.deepEqual(content.records, [
        {
          ...input,
          patient: patient.id,
          registered: bench.now,
          registeredBy: { mspId: 'HospitalMSP', role: 'registrar', subject: 'registrar-1' },
          version: 1,
        },
      ]);
      const metadata = await at.open(await at.request({ scope: 'metadata' }));
      const rest: Record<string, unknown> = { ...content.records[0] };
      delete rest.keyShare;
      delete rest.manifest;
      assert.deepEqual(metadata.records, [rest]);
      assert.equal(metadata.decision.outcome, 'permit');
    });

    it('encrypts to the key of the request, anew each time', async () => {
      await at.grant();
      const receipt = await at.request();
      const { jwe } = await at.openRaw(receipt);
      await assert.rejects(new KeyPair().read(jwe));
      assert.notEqual((await at.openRaw(receipt)).jwe, jwe);
    });

    it('decides each record: the permitted classes come, the others do not', async () => {
      const observation = recordInput();
      await at.register(observation, recordInput({ class: 'Condition' }));
      const provision = {
        type: 'permit' as const,
        actor: [organizationActor('ClinicMSP')],
        purpose: [purposeCoding('TREAT')],
        class: [classCoding('Observation')],
        period: { end: '2027-03-01' },
      };
      await at.grant(patient.consent({ provision }));
      const { records: found } = await at.open(await at.request());
      assert.deepEqual(
        found.map(({ id }) => id),
        [observation.id],
      );
    });

    it('refuses when every record asked for is denied', async () => {
      const condition = recordInput({ class: 'Condition' });
      await at.register(recordInput(), condition);
      const provision = {
        type: 'permit' as const,
        actor: [organizationActor('ClinicMSP')],
        class: [classCoding('Observation')],
        period: { end: '2027-03-01' },
      };
      await at.grant(patient.consent({ provision }));
      const receipt = await at.request({ filter: { records: [condition.id] } });
      await assert.rejects(at.open(receipt), { code: 'CONSENT_DENIED', details: { receipt } });
    });

    it('answers alike whether withheld records exist or not', async () => {
      const HIV = { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' };
      const loinc = (code: string) => [{ system: 'http://loinc.org', code }];
      await at.register(recordInput(), recordInput({ labels: [HIV], codes: loinc('25836-8') }));
      const except = { type: 'deny' as const, securityLabel: [HIV] };
      const provision = { type: 'permit' as const, period: { end: '2027-03-01' }, provision: [except] };
      await at.grant(patient.consent({ provision }));
      assert.equal((await at.open(await at.request())).records.length, 1);
      for (const code of ['25836-8', '33630-5']) {
        const receipt = await at.request({ filter: { codes: loinc(code) } });
        await assert.rejects(at.open(receipt), { code: 'CONSENT_DENIED', details: { receipt } });
      }
    });

    it('keeps to the filter, and to what was registered no later than the request', async () => {
      const [one, two] = [recordInput(), recordInput({ date: '2020-01-01' })];
      await at.register(one, two);
      await at.grant();
      const recent = await at.request({ filter: { from: '2026' } });
      const named = await at.request({ filter: { records: [two.id, random()] } });
      const receipt = await at.request();
      bench.skip(1000);
      await at.register(recordInput());
      const ids = async (of: string) => (await at.open(of)).records.map(({ id }) => id);
      assert.deepEqual(await ids(recent), [one.id]);
      assert.deepEqual(await ids(named), [two.id]);
      assert.deepEqual(await ids(receipt), [one.id, two.id].sort());
    });

    it('pages, by range and by named records alike', async () => {
      const inputs = Array.from({ length: 5 }, () => recordInput());
      await at.register(...inputs);
      await at.grant();
      const ids = inputs.map(({ id }) => id).sort();
      for (const filter of [{}, { records: ids }]) {
        const receipt = await at.request({ filter });
        const found: unknown[] = [];
        let bookmark = '';
        do {
          const answer = await at.openRaw(receipt, { pageSize: 2, bookmark });
          found.push(...((await at.reader.read(answer.jwe)) as Opened).records.map(({ id }) => id));
          ({ bookmark } = answer);
        } while (bookmark);
        assert.deepEqual(found, ids);
      }
    });

    it('is refused after a revocation, although the head still holds the consent', async () => {
      await at.register(recordInput());
      await at.grant();
      const receipt = await at.request();
      await at.open(receipt);
      await at.revoke();
      await assert.rejects(at.open(receipt), { code: 'CONSENT_DENIED', details: { receipt } });
    });

    it('is refused ten minutes after the request, by the peer’s own clock', async () => {
      await at.grant();
      const receipt = await at.request();
      bench.skip(599_999);
      await at.open(receipt);
      bench.skip(1);
      await assert.rejects(at.open(receipt), { code: 'EXPIRED' });
    });

    it('is refused once the consent’s period has ended', async () => {
      const end = new Date(Date.parse(bench.now) + 60_000).toISOString();
      await at.register(recordInput());
      await at.grant(patient.consent({ provision: { type: 'permit', period: { end } } }));
      const receipt = await at.request();
      await at.open(receipt);
      bench.skip(60_001);
      await assert.rejects(at.open(receipt), { code: 'CONSENT_DENIED' });
    });

    it('never opens what was logged as denied, even if a consent came since', async () => {
      await at.register(recordInput());
      const receipt = await at.request();
      await at.grant();
      await assert.rejects(at.open(receipt), { code: 'CONSENT_DENIED', details: { receipt } });
    });

    it('is refused to an organization that was suspended since', async () => {
      await at.grant();
      const receipt = await at.request();
      const { ClinicMSP, ...others } = consortiumDocument().organizations;
      const organizations = { ...others, ClinicMSP: { ...ClinicMSP!, status: 'suspended' as const } };
      await bench.adopt(consortiumDocument({ version: 2, organizations }));
      await assert.rejects(at.open(receipt), { code: 'PERMISSION_DENIED', details: { reason: 'SUSPENDED' } });
    });

    it('is refused to others, and to another role of the same person', async () => {
      await at.grant();
      const receipt = await at.request();
      const elsewhere = { as: caller('ResearchMSP', 'researcher', 'dr-9') };
      await assert.rejects(at.open(receipt, {}, elsewhere), { code: 'PERMISSION_DENIED' });
      const promoted = { as: caller('ClinicMSP', 'registrar', 'dr-9') };
      await assert.rejects(at.open(receipt, {}, promoted), { code: 'PERMISSION_DENIED' });
    });

    it('lets a service open for the person it named, not for another', async () => {
      await at.grant();
      const service = caller('ClinicMSP', 'service', 'ehr-1');
      const actor = { role: 'practitioner', subject: 'dr-9' };
      const receipt = await at.request({ actor }, { as: service });
      assert.equal((await at.open(receipt, { actor }, { as: service })).receipt, receipt);
      for (const other of [{}, { actor: { ...actor, subject: 'dr-10' } }]) {
        await assert.rejects(at.open(receipt, other, { as: service }), { code: 'PERMISSION_DENIED' });
      }
      await assert.rejects(at.open(receipt, { actor }, { as: caller('ClinicMSP', 'service', 'ehr-2') }), {
        code: 'PERMISSION_DENIED',
      });
      await assert.rejects(at.open(receipt), { code: 'PERMISSION_DENIED' });
    });

    it('opens nothing at a peer of an organization that is not the custodian', async () => {
      await at.grant();
      const receipt = await at.request();
      await assert.rejects(at.open(receipt, {}, { at: 'ClinicMSP' }), { code: 'NOT_FOUND' });
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
        receipts.push(await at.request());
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
