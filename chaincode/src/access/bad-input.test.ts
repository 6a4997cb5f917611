import assert from 'node:assert/strict';
import { organizationActor, purposeCoding, type VitaledgerError } from '@vitaledger/domain';
import type { ConsentProvision } from 'fhir/r4';
import { ConsentContract } from '../consent/consent-contract.js';
import { RecordContract } from '../records/record-contract.js';
import { AccessBench } from '../testing/access-bench.js';
import { Bench, caller, random, type Call } from '../testing/bench.js';
import { delegationTo, guardianRecord } from '../testing/declaration.js';
import { MemoryChannel } from '../testing/memory-channel.js';
import { KeyPair, Patient, recordInput } from '../testing/patient.js';
import { AccessContract } from './access-contract.js';

const access = new AccessContract();
const consents = new ConsentContract();
const records = new RecordContract();
const doctor = caller('ClinicMSP', 'practitioner', 'dr-9');
const registrar = caller('HospitalMSP', 'registrar');
const relay = caller('PharmacyMSP', 'service');

const clinic = { actor: [organizationActor('ClinicMSP')], purpose: [purposeCoding('TREAT')] };
const permit: ConsentProvision = { type: 'permit', ...clinic };
const deny: ConsentProvision = { type: 'deny', ...clinic };

/** The list of bad input that the project is held to, by its words; what goes over the network is in e2e/bad-input. */
describe('bad input', () => {
  let bench: Bench;
  let at: AccessBench;
  let patient: Patient;

  beforeEach(async () => {
    bench = await Bench.founded();
    at = await AccessBench.open(bench);
    ({ patient } = at);
    await at.register(recordInput());
    bench.skip(1000);
  });

  const send = (name: 'declare' | 'record' | 'grant', content: object, of = patient): Promise<string> => {
    const as = name === 'record' ? registrar : relay;
    const input = { patient: of.id, ...content, salt: random() };
    return bench.submit(consents, name, { as, at: 'HospitalMSP', input });
  };
  const isDenied = async (receipt: string): Promise<void> => {
    await assert.rejects(at.open(receipt), { code: 'CONSENT_DENIED', details: { receipt } });
  };

  describe('contradictory provisions', () => {
    const contradictions: Readonly<Record<string, readonly ConsentProvision[]>> = {
      'in two consents': [permit, deny],
      'in two consents, the denial first': [deny, permit],
      'side by side in one': [{ type: 'deny', provision: [permit, deny] }],
      'side by side in one, the denial first': [{ type: 'deny', provision: [deny, permit] }],
      'in an exception that takes all of it back': [{ ...permit, provision: [deny] }],
    };
    for (const [where, provisions] of Object.entries(contradictions))
      it(`${where}: the denial wins, and nothing is released`, async () => {
        for (const provision of provisions) await at.grant(patient.consent({ provision }));
        await isDenied(await at.request());
      });
  });

  describe('cycles of delegation', () => {
    it('cannot be made: nobody delegates on, not to the patient either, and no key twice', async () => {
      const [one, other] = [new KeyPair(), new KeyPair()];
      const acts = ['consent', 'log'] as const;
      await send('declare', { statement: patient.declare(delegationTo(one, { acts })) });
      await send('declare', { statement: patient.declare(delegationTo(other, { acts })) });
      for (const [from, to, reason] of [
        [one, other, 'NOT_DELEGATED'],
        [other, one, 'NOT_DELEGATED'],
        [one, one, 'NOT_DELEGATED'],
        [one, patient.key, 'NOT_DELEGATED'],
        [patient.key, patient.key, 'DELEGATION_TO_SELF'],
        [patient.key, one, 'DELEGATE_IN_FORCE'],
      ] as const) {
        const before = bench.channel.snapshot();
        const attempt = send('declare', { statement: patient.undelivered(delegationTo(to, { acts }), from) });
        await assert.rejects(attempt, (error: VitaledgerError) => error.details.reason === reason);
        assert.deepEqual(bench.channel.snapshot(), before);
      }
    });
  });

  it('a guardian past age-out: neither consents nor reads any more, by the transaction’s time', async () => {
    const ageOut = '2026-06-01T00:00:00.000Z';
    const child = new Patient(bench);
    await bench.submit(records, 'enrol', { as: registrar, input: child.enrolment({ ageOut }) });
    const parent = new KeyPair();
    const guardian = guardianRecord(parent);
    await send('record', { record: guardian }, child);
    child.recorded(guardian);
    await send('grant', { statement: child.consent({}, parent) }, child);
    await bench.pass(Date.parse(ageOut) - Date.parse(bench.now));
    const late = child.consent({}, parent);
    await assert.rejects(send('grant', { statement: late }, child), { details: { reason: 'KEY_NOT_VALID' } });
    const statement = child.read('log', {}, 'HospitalMSP', parent);
    const input = { patient: child.id, statement };
    await assert.rejects(bench.evaluate(access, 'log', { as: relay, at: 'HospitalMSP', input }), {
      details: { reason: 'KEY_NOT_VALID' },
    });
  });

  describe('a backdated timestamp', () => {
    it('is refused before the clock’s last beat, and a consent that had not ended then opens nothing now', async () => {
      const end = new Date(Date.parse(bench.now) + 3_600_000).toISOString();
      await at.grant(patient.consent({ provision: { ...permit, period: { end } } }));
      const then = bench.now;
      await bench.pass(7_200_000);
      await assert.rejects(at.request({}, { timestamp: then }), {
        code: 'INVALID_ARGUMENT',
        details: { reason: 'TIMESTAMP_BEFORE_CLOCK' },
      });
      await isDenied(await at.request());
    });

    it('within the skew wins nothing: the release is decided by the peer’s own clock', async () => {
      const end = new Date(Date.parse(bench.now) + 60_000).toISOString();
      await at.grant(patient.consent({ provision: { ...permit, period: { end } } }));
      await bench.pass(60_001);
      const back = new Date(Date.parse(bench.now) - 20_000).toISOString();
      const receipt = await at.request({}, { timestamp: back });
      await isDenied(receipt);
    });

    it('is refused in a statement by a key that was retired', async () => {
      const fresh = new KeyPair();
      const keys = { add: [{ jwk: fresh.jwk, use: 'sig' }], retire: [patient.key.kid] };
      await send('declare', { statement: patient.declare({ kind: 'keys', body: keys } as never) });
      const back = { now: bench.now };
      bench.skip(1000);
      const dated = Object.assign(patient, { bench: Object.assign(Object.create(bench) as Bench, back) });
      await assert.rejects(send('grant', { statement: dated.consent() }), { code: 'PERMISSION_DENIED' });
    });
  });

  describe('codes of an unknown system', () => {
    const unknown = { system: 'urn:example:own-codes', code: 'X1' };

    it('in a consent’s limits are refused with their place where the ledger could only guess', async () => {
      const limits: readonly (readonly [ConsentProvision, string])[] = [
        [{ purpose: [unknown] }, 'statement.body.provision.purpose[0]'],
        [{ securityLabel: [unknown] }, 'statement.body.provision.securityLabel[0]'],
        [{ class: [unknown] }, 'statement.body.provision.class[0]'],
        [{ action: [{ coding: [unknown] }] }, 'statement.body.provision.action[0].coding[0]'],
      ];
      for (const [limit, path] of limits) {
        const other = await AccessBench.open(bench);
        const statement = other.patient.consent({ provision: { ...permit, ...limit } });
        await assert.rejects(other.grant(statement), { code: 'INVALID_ARGUMENT', details: { path } });
      }
    });

    it('of a record are kept and compared as they are: no label comes from them, and no consent to other codes covers them', async () => {
      const record = recordInput({ codes: [unknown] });
      await at.register(record);
      const code = [{ coding: [{ system: 'http://loinc.org', code: 'X1' }] }];
      await at.grant(patient.consent({ provision: { ...permit, code } }));
      bench.skip(1000);
      await isDenied(await at.request({ filter: { records: [record.id] } }));
      const own = patient.consent({ provision: { ...permit, code: [{ coding: [unknown] }] } });
      await at.grant(own);
      const { records: released } = await at.open(await at.request());
      assert.deepEqual(
        released.map(({ id, labels }) => [id, labels]),
        [[record.id, []]],
      );
    });
  });

  describe('receipts', () => {
    it('replayed: open again for who asked, until they expire, and never what was revoked meanwhile', async () => {
      await at.grant();
      const receipt = await at.request();
      assert.equal((await at.open(receipt)).records.length, 1);
      assert.equal((await at.open(receipt)).records.length, 1);
      await at.revoke();
      await isDenied(receipt);
      bench.skip(600_000);
      await assert.rejects(at.open(receipt), { code: 'EXPIRED' });
    });

    it('replayed at another custodian are unknown there', async () => {
      await at.grant();
      const receipt = await at.request();
      await assert.rejects(at.open(receipt, {}, { at: 'ClinicMSP' }), { code: 'NOT_FOUND' });
    });

    it('of another user open nothing and explain nothing: to a colleague, another organization, or the custodian', async () => {
      await at.grant();
      const receipt = await at.request();
      for (const as of [
        caller('ClinicMSP', 'practitioner', 'dr-10'),
        caller('ClinicMSP', 'registrar', 'dr-9'),
        caller('HospitalMSP', 'practitioner', 'dr-9'),
        caller('ClinicMSP', 'service', 'dr-9'),
      ]) {
        const call: Call = { as, at: 'HospitalMSP', input: { receipt } };
        for (const name of ['open', 'outcome'])
          await assert.rejects(bench.evaluate(access, name, call), { code: 'PERMISSION_DENIED' });
      }
    });
  });

  describe('10,000-provision consents', () => {
    for (const [count, message] of [
      [10_000, /at most 32768 bytes/],
      [1000, /at most 512 provisions/],
    ] as const)
      it(`with ${String(count)} provisions are refused with the bound, at once, and leave nothing behind`, async () => {
        const provision = { ...permit, provision: Array.from({ length: count }, () => ({ type: 'deny' })) };
        const text = { digest: 'e'.repeat(64), language: 'en' };
        const body = { consent: random(), version: 1, handle: random(256), provision, text };
        const statement = patient.undelivered({ kind: 'consent', body } as never);
        const before = bench.channel.snapshot();
        const from = performance.now();
        await assert.rejects(at.grant(statement), { code: 'INVALID_ARGUMENT', message });
        assert.ok(performance.now() - from < 5000);
        assert.deepEqual(bench.channel.snapshot(), before);
      });
  });

  it('a held transaction past expiry: the beat in between makes it invalid, whatever it was', async () => {
    await at.grant();
    const held = { as: doctor, at: 'HospitalMSP', input: at.ask() };
    const transaction = bench.begin(held);
    const answer = await bench.execute(access, 'request', held, transaction);
    await bench.pass(600_000);
    assert.equal(transaction.commit(), false);
    const { receipt } = JSON.parse(answer) as { receipt: string };
    await assert.rejects(at.open(receipt), { code: 'NOT_FOUND' });
  });

  it('a probe that never submits: learns a transaction id, the same whether it would be permitted, and opens nothing with it', async () => {
    const probe = async (): Promise<string> => {
      const call = { as: doctor, at: 'HospitalMSP', input: at.ask() };
      const transaction = bench.begin(call);
      const answer = await bench.execute(access, 'request', call, transaction);
      assert.deepEqual(JSON.parse(answer), { receipt: transaction.transactionId });
      return transaction.transactionId;
    };
    const denied = await probe();
    await at.grant();
    const permitted = await probe();
    for (const receipt of [denied, permitted])
      for (const name of ['open', 'outcome']) {
        const call = { as: doctor, at: 'HospitalMSP', input: { receipt } };
        await assert.rejects(bench.evaluate(access, name, call), { code: 'NOT_FOUND' });
      }
  });

  it('a lagging peer: opens no request that it does not have yet, and after it has caught up nothing that was revoked', async () => {
    await at.grant();
    const before = MemoryChannel.of(bench.channel.snapshot());
    const receipt = await at.request();
    const requested = MemoryChannel.of(bench.channel.snapshot());
    await at.revoke();
    const answer = async (channel: MemoryChannel): Promise<string> => {
      const peer = Object.assign(Object.create(bench) as Bench, { channel });
      const call = { as: doctor, at: 'HospitalMSP', input: { receipt } };
      try {
        await bench.execute(access, 'open', call, peer.begin(call));
        return 'released';
      } catch (error) {
        return (error as { code: string }).code;
      }
    };
    assert.equal(await answer(before), 'NOT_FOUND');
    // The custodian's own peers are the only ones that can: docs/security-model.md, "A lagging peer".
    assert.equal(await answer(requested), 'released');
    assert.equal(await answer(bench.channel), 'CONSENT_DENIED');
  });

  describe('revocation racing a request and an open', () => {
    type Step = 'request' | 'revoke' | 'close' | 'open';
    const orders = permutations<Step>(['request', 'revoke', 'close', 'open']).filter(
      (order) =>
        order.indexOf('request') < order.indexOf('open') && order.indexOf('revoke') < order.indexOf('close'),
    );

    for (const order of orders)
      it(`${order.join(', ')}: nothing is released after the revocation has committed`, async () => {
        await at.grant();
        const [consent, secret] = [...patient.secrets][0] ?? assert.fail();
        let receipt = '';
        const steps: Readonly<Record<Step, () => Promise<unknown>>> = {
          request: async () => {
            receipt = await at.request();
          },
          revoke: () => at.revoke(),
          close: () => {
            const input = { patient: patient.id, consent, secret, salt: random() };
            return bench.submit(consents, 'close', { as: relay, at: 'HospitalMSP', input });
          },
          open: () =>
            order.indexOf('open') < order.indexOf('revoke')
              ? at.open(receipt).then(({ records: released }) => {
                  assert.equal(released.length, 1);
                })
              : isDenied(receipt),
        };
        for (const step of order) await steps[step]();
        // Whatever came first, afterwards it is over.
        await isDenied(receipt);
      });

    it('endorsed before and committed after the revocation, a request opens nothing', async () => {
      await at.grant();
      const call = { as: doctor, at: 'HospitalMSP', input: at.ask() };
      const held = bench.begin(call);
      const { receipt } = JSON.parse(await bench.execute(access, 'request', call, held)) as {
        receipt: string;
      };
      await at.revoke();
      assert.ok(held.commit(), 'revoking touches no patient head, so it invalidates no request');
      await isDenied(receipt);
    });
  });
});

function permutations<T>(values: readonly T[]): readonly (readonly T[])[] {
  if (values.length <= 1) return [values];
  return values.flatMap((value, index) =>
    permutations(values.toSpliced(index, 1)).map((rest) => [value, ...rest]),
  );
}
