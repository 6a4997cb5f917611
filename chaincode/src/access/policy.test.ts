import assert from 'node:assert/strict';
import {
  digestOf,
  EU_EHDS,
  EU_GDPR,
  US_42CFR2,
  US_HIPAA,
  type Accompanying,
  type ConsortiumDocument,
  type EmergencyReview,
  type LogEntry,
  type PolicyPack,
  type ReceiptDocument,
} from '@vitaledger/domain';
import { ConsentContract } from '../consent/consent-contract.js';
import { AccessBench } from '../testing/access-bench.js';
import { Bench, caller, consortiumDocument, random, type Call } from '../testing/bench.js';
import { optOut } from '../testing/declaration.js';
import { Patient, recordInput } from '../testing/patient.js';
import { AccessContract } from './access-contract.js';

const access = new AccessContract();
const consents = new ConsentContract();
const admin = caller('HospitalMSP', 'admin');
const registrar = caller('HospitalMSP', 'registrar');
const doctor = caller('ClinicMSP', 'practitioner', 'dr-9');
const emergency = caller('HospitalMSP', 'emergency', 'er-1');
const broken = { purpose: 'BTG', emergency: { reason: 'unconscious' } };

function american(change: Partial<ConsortiumDocument> = {}): ConsortiumDocument {
  const { organizations } = consortiumDocument();
  const moved = Object.entries(organizations).map(([mspId, one]) => [
    mspId,
    { ...one, jurisdiction: 'US-CA' },
  ]);
  return consortiumDocument({
    organizations: Object.fromEntries(moved) as ConsortiumDocument['organizations'],
    ...change,
  });
}

describe('AccessContract under policy packs', () => {
  let bench: Bench;
  let patient: Patient;
  let at: AccessBench;

  /** Publishes packs and adopts a document that names them. */
  const adopt = async (packs: readonly PolicyPack[], consentFirst = false): Promise<void> => {
    for (const pack of packs) {
      await bench.submit(bench.consortium, 'publishPack', { as: admin, args: [JSON.stringify(pack)] });
    }
    const named = packs.map((pack) => ({
      id: pack.id,
      version: pack.version,
      digest: digestOf(pack),
      ...(consentFirst ? { consentFirst: true as const } : {}),
    }));
    await bench.adopt(american({ version: 2, packs: named }));
  };
  beforeEach(async () => {
    bench = await Bench.founded(american());
    at = await AccessBench.open(bench, { jurisdiction: 'US-CA' });
    ({ patient } = at);
  });

  it('reads clock, consortium document and patient head once each, and nothing else, whatever is adopted, asked for and granted', async () => {
    const held = Array.from({ length: 20 }, () => recordInput());
    await at.register(...held);
    for (let count = 0; count < 20; count++) await at.grant();
    await adopt([US_HIPAA, US_42CFR2]);
    const codes = held.map((_, index) => ({ system: 'http://loinc.org', code: `${String(index)}-1` }));
    const own = { purpose: 'PATRQT', encryptionKey: patient.key.jwk, statement: patient.read('records') };
    const asked: readonly (readonly [object, Call['as']])[] = [
      [{}, doctor],
      [{ scope: 'metadata' }, doctor],
      [{ filter: { classes: ['Observation', 'Condition', 'DiagnosticReport'] } }, doctor],
      [{ filter: { records: held.map(({ id }) => id), codes, from: '2020', to: '2027' } }, doctor],
      [{ purpose: 'HRESCH' }, caller('ResearchMSP', 'researcher')],
      [broken, emergency],
      [own, registrar],
    ];
    for (const [change, as] of asked) {
      const call = { as, at: 'HospitalMSP', input: at.ask(change) };
      const transaction = bench.begin(call);
      await bench.execute(access, 'request', call, transaction);
      const expected = ['clock', 'consortium', `patient/${patient.id}`];
      assert.deepEqual([...transaction.reads].sort(), expected, JSON.stringify(change));
    }
  });

  it('lets treatment pass without consent where the law does, and asks first where the consortium does', async () => {
    await at.register(recordInput());
    await adopt([US_HIPAA]);
    const { jwe } = await at.openRaw(await at.request());
    assert.equal(((await at.reader.read(jwe)) as { records: unknown[] }).records.length, 1);
    const inForce = JSON.parse(
      await bench.evaluate(bench.consortium, 'document', { as: admin }),
    ) as ConsortiumDocument;
    assert.deepEqual(Object.keys(inForce).sort(), ['clock', 'organizations', 'packs', 'version']);
    const packs = inForce.packs.map((pack) => ({ ...pack, consentFirst: true as const }));
    await bench.adopt({ ...inForce, version: 3, packs });
    await assert.rejects(at.openRaw(await at.request()), { code: 'CONSENT_DENIED' });
  });

  it('keeps receipts without packs as they were', async () => {
    await at.request();
    const [receipt] = at.stored<ReceiptDocument>('receipt/');
    assert.equal(receipt?.decision.engine, 'vitaledger/decision/1');
    assert.equal('policy' in receipt.decision, false);
    assert.equal('policies' in receipt.decision.classes['*']!, false);
  });

  it('sends what the law makes travel, and nothing of a record that it does not release', async () => {
    await adopt([US_HIPAA, US_42CFR2]);
    const origin = { organization: 'HospitalMSP', classes: ['part2-program'] };
    await at.register(recordInput(), recordInput({ origin }));
    const unpermitted = (await at.reader.read((await at.openRaw(await at.request())).jwe)) as {
      records: object[];
      accompanying: Accompanying[];
    };
    assert.equal(unpermitted.records.length, 1);
    assert.deepEqual(unpermitted.accompanying, []);
    await at.grant();
    const { accompanying } = (await at.reader.read(
      (await at.openRaw(await at.request())).jwe,
    )) as typeof unpermitted;
    assert.deepEqual(
      accompanying.map(({ obligation, citation }) => [obligation, citation.startsWith('42 CFR 2.')]),
      [
        ['explain-consent', true],
        ['redisclosure-notice', true],
      ],
    );
  });

  describe('in an emergency', () => {
    beforeEach(async () => {
      await at.register(recordInput());
      await adopt([US_HIPAA], true);
    });
    const breakGlass = (call: Partial<Call> = {}) => at.request(broken, { as: emergency, ...call });

    it('opens for five minutes, is marked for the patient and queued for review', async () => {
      const receipt = await breakGlass();
      await at.openRaw(receipt, {}, { as: emergency });
      const [entry] = at.stored<LogEntry>('log/');
      assert.deepEqual([entry?.evidence, entry?.emergency], ['emergency', broken.emergency]);
      const [review] = at.stored<EmergencyReview>('review/open/');
      assert.deepEqual(
        [review?.receipt, review?.reason, review?.actor.subject, review?.outcome],
        [receipt, 'unconscious', 'er-1', 'permit'],
      );
      bench.skip(5 * 60 * 1000);
      await assert.rejects(at.openRaw(receipt, {}, { as: emergency }), { code: 'EXPIRED' });
    });

    it('queues a review of what was denied, too', async () => {
      await bench.adopt(american({ version: 3 }));
      const receipt = await breakGlass();
      await assert.rejects(at.openRaw(receipt, {}, { as: emergency }), { code: 'CONSENT_DENIED' });
      assert.equal(at.stored<EmergencyReview>('review/open/')[0]?.outcome, 'deny');
    });

    it('does not wait for a clock that stands still, and says so; nothing else goes on without it', async () => {
      bench.skip(60 * 60 * 1000);
      await assert.rejects(at.request(), { code: 'UNAVAILABLE', details: { reason: 'CLOCK_STALE' } });
      const receipt = await breakGlass();
      assert.equal(at.stored<ReceiptDocument>('receipt/')[0]?.staleClock, true);
      assert.equal(at.stored<EmergencyReview>('review/open/')[0]?.staleClock, true);
      await at.openRaw(receipt, {}, { as: emergency });
    });

    it('opens nothing by a receipt that claims to be of the future', async () => {
      const timestamp = new Date(Date.parse(bench.now) + 24 * 60 * 60 * 1000).toISOString();
      const receipt = await breakGlass({ timestamp });
      await assert.rejects(at.openRaw(receipt, {}, { as: emergency }), {
        code: 'PRECONDITION_FAILED',
        details: { receipt, reason: 'RECEIPT_AHEAD' },
      });
    });
  });

  describe('in the European Union of 2029', () => {
    const declare = (declaration: ReturnType<typeof optOut>) =>
      bench.submit(consents, 'declare', {
        as: registrar,
        input: { patient: patient.id, statement: patient.declare(declaration), salt: random() },
      });

    const elsewhere = caller('ClinicMSP', 'emergency', 'er-2');
    const { organizations } = consortiumDocument();
    const hospitals = {
      ...organizations,
      ClinicMSP: { ...organizations.ClinicMSP!, kinds: ['hospital' as const] },
    };

    beforeEach(async () => {
      bench = new Bench();
      bench.now = '2029-06-01T12:00:00.000Z';
      await bench.adopt(consortiumDocument({ organizations: hospitals }));
      for (const pack of [EU_GDPR, EU_EHDS]) {
        await bench.submit(bench.consortium, 'publishPack', { as: admin, args: [JSON.stringify(pack)] });
      }
      const packs = [EU_GDPR, EU_EHDS].map((pack) => ({ id: pack.id, version: 1, digest: digestOf(pack) }));
      await bench.adopt(consortiumDocument({ organizations: hospitals, version: 2, packs }));
      await bench.submit(bench.consortium, 'beat', { as: admin });
      bench.skip(60_000);
      at = await AccessBench.open(bench);
      ({ patient } = at);
      await at.register(recordInput());
    });

    it('breaking the glass does not open what is closed by an absolute opt-out (EHDS art. 10)', async () => {
      await at.openRaw(await at.request(broken, { as: elsewhere }), {}, { as: elsewhere });
      const { kind, body } = optOut();
      await declare({ kind, body: { ...body, use: 'primary-use' } } as ReturnType<typeof optOut>);
      const closed = await at.request(broken, { as: elsewhere });
      await assert.rejects(at.openRaw(closed, {}, { as: elsewhere }), { code: 'CONSENT_DENIED' });
      const receipt = at.stored<ReceiptDocument>('receipt/').find((one) => one.receipt === closed);
      assert.deepEqual(receipt?.decision.policy?.parties.patient?.optOuts, ['primary-use']);
      const rules = receipt.decision.policy.rules.map(({ rule }) => rule);
      assert.ok(rules.includes('primary-use-opt-out'));
    });

    it('an opt-out of secondary use leaves treatment alone', async () => {
      await declare(optOut());
      await at.openRaw(await at.request());
    });
  });

  describe("at the patient's own request", () => {
    const own = (change: object = {}) =>
      at.request(
        {
          purpose: 'PATRQT',
          encryptionKey: patient.key.jwk,
          statement: patient.read('records'),
          ...change,
        },
        { as: registrar },
      );

    it('gives the patient everything, readable with the key of the statement alone', async () => {
      await at.register(recordInput(), recordInput());
      await adopt([US_HIPAA], true);
      const { jwe } = await at.openRaw(await own(), {}, { as: registrar });
      assert.equal(((await patient.key.read(jwe)) as { records: unknown[] }).records.length, 2);
    });

    it('refuses a statement of another key, for something else, too old, or with an answer to somebody else', async () => {
      const stranger = new Patient(bench);
      await assert.rejects(own({ statement: stranger.read('records') }), { code: 'PERMISSION_DENIED' });
      await assert.rejects(own({ statement: patient.read('log') }), { code: 'INVALID_ARGUMENT' });
      await assert.rejects(own({ encryptionKey: at.reader.jwk }), {
        code: 'INVALID_ARGUMENT',
        details: { path: 'input.encryptionKey' },
      });
      const statement = patient.read('records');
      await bench.pass(5 * 60 * 1000 + 1);
      await assert.rejects(own({ statement }), { code: 'EXPIRED' });
      await assert.rejects(own({ purpose: 'HPAYMT' }), { code: 'INVALID_ARGUMENT' });
    });
  });
});
