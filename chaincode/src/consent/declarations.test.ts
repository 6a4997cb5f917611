import assert from 'node:assert/strict';
import {
  digestOf,
  organizationActor,
  purposeCoding,
  sensitivityCoding,
  statementDigest,
  type Declaration,
  type DelegationBody,
  type PatientHead,
  type RegistrarRecord,
} from '@vitaledger/domain';
import { AccessContract } from '../access/access-contract.js';
import { RecordContract } from '../records/record-contract.js';
import { Bench, caller, random, type Call } from '../testing/bench.js';
import { delegationTo, guardianRecord, optOut, paperConsent } from '../testing/declaration.js';
import { KeyPair, Patient, recordInput } from '../testing/patient.js';
import { ConsentContract } from './consent-contract.js';

const consents = new ConsentContract();
const records = new RecordContract();
const access = new AccessContract();
const relay = caller('PharmacyMSP', 'service');
const registrar = caller('HospitalMSP', 'registrar');
const doctor = caller('ClinicMSP', 'practitioner', 'dr-9');
const DAY = 86_400_000;

describe('ConsentContract beyond consents', () => {
  let bench: Bench;
  let patient: Patient;
  let helper: KeyPair;

  const enrol = (change: object = {}) =>
    bench.submit(records, 'enrol', { as: registrar, input: patient.enrolment(change) });
  const deliver = (name: 'grant' | 'declare', statement: string, call: Partial<Call> = {}) => {
    const input = { patient: patient.id, statement, salt: random() };
    return bench.submit(consents, name, { as: relay, at: 'HospitalMSP', input, ...call });
  };
  const declare = (statement: Pick<Declaration, 'kind' | 'body'>, by?: KeyPair) =>
    deliver('declare', patient.declare(statement, by));
  const record = async (what: RegistrarRecord) => {
    const input = { patient: patient.id, record: what, salt: random() };
    await bench.submit(consents, 'record', { as: registrar, input });
    if (what.kind !== 'confirmed-keys') patient.recorded(what);
  };
  const revoke = (secret: string) => bench.submit(consents, 'revoke', { as: relay, args: [secret] });
  const close = (id: string, secret: string) => {
    const input = { patient: patient.id, consent: id, secret, salt: random() };
    return bench.submit(consents, 'close', { as: relay, at: 'HospitalMSP', input });
  };
  const head = () =>
    JSON.parse(bench.channel.committed('HospitalMSP', `patient/${patient.id}`)!.toString()) as PatientHead;
  const original = (sequence: number) =>
    JSON.parse(
      bench.channel
        .committed('HospitalMSP', `statement/${patient.id}/${String(sequence).padStart(8, '0')}`)!
        .toString(),
    ) as Record<string, unknown>;
  const ask = async (purpose = 'TREAT', change: object = {}) => {
    const question = { scope: 'content', purpose, filter: {}, encryptionKey: helper.jwk, ...change };
    const input = { patient: patient.id, ...question, salt: random() };
    const as = purpose === 'HRESCH' ? caller('ResearchMSP', 'researcher') : doctor;
    const result = await bench.submit(access, 'request', { as, at: 'HospitalMSP', input });
    const { receipt } = JSON.parse(result) as { receipt: string };
    const call = { as, at: 'HospitalMSP', input: { receipt } };
    const outcome = JSON.parse(await bench.evaluate(access, 'outcome', call)) as {
      decision: { outcome: string; classes: Record<string, { reason: string }>; consents: object[] };
    };
    const open = async () => {
      const { jwe } = JSON.parse(await bench.evaluate(access, 'open', call)) as { jwe: string };
      return ((await helper.read(jwe)) as { records: { id: string }[] }).records.map(({ id }) => id);
    };
    return { ...outcome.decision, receipt, open };
  };
  const read = async (what: 'log' | 'consents' | 'history', by: KeyPair) => {
    const input = { patient: patient.id, statement: patient.read(what, {}, 'HospitalMSP', by) };
    const [contract, name] =
      what === 'log' ? [access, 'log'] : [consents, what === 'history' ? what : 'list'];
    return by.read(await bench.evaluate(contract, name, { as: relay, at: 'HospitalMSP', input }));
  };

  beforeEach(async () => {
    bench = await Bench.founded();
    patient = new Patient(bench);
    helper = new KeyPair();
    await enrol();
  });

  describe('keys', () => {
    const change = (fresh: KeyPair, retire: 'all' | string[] = 'all') =>
      ({ kind: 'keys', body: { add: [{ jwk: fresh.jwk, use: 'sig' }], retire } }) as const;

    it('are rotated by the old one; what it signed stays in force, and it signs nothing more', async () => {
      await deliver('grant', patient.consent());
      const fresh = new KeyPair();
      bench.skip(1000);
      await declare(change(fresh));
      assert.deepEqual(
        head().keys.map(({ kid, to, origin }) => [kid, to, origin]),
        [
          [patient.key.kid, bench.now, undefined],
          [fresh.kid, undefined, 'rotation'],
        ],
      );
      assert.equal((await ask()).outcome, 'permit');
      bench.skip(1);
      const chained = patient.declare(optOut());
      await assert.rejects(deliver('declare', chained), { details: { reason: 'KEY_NOT_VALID' } });
      await assert.rejects(read('consents', patient.key), { details: { reason: 'KEY_NOT_VALID' } });
      assert.equal(((await read('consents', fresh)) as { sequence: number }).sequence, 2);
    });

    it('leave the head once nothing in force was signed with them', async () => {
      const [first, second] = [new KeyPair(), new KeyPair()];
      await declare(change(first));
      assert.deepEqual(
        head().keys.map(({ kid }) => kid),
        [first.kid],
      );
      await declare(change(second, [first.kid]), first);
      assert.deepEqual(
        head().keys.map(({ kid }) => kid),
        [second.kid],
      );
    });

    it('are refused when known already, when not in use, or when none to sign would be left', async () => {
      const enc = { jwk: new KeyPair().jwk, use: 'enc' } as const;
      const fresh = { jwk: new KeyPair().jwk, use: 'sig' } as const;
      const own = { jwk: patient.key.jwk, use: 'sig' } as const;
      for (const [body, path] of [
        [{ add: [own], retire: [] }, 'statement.body.add'],
        [{ add: [fresh, fresh], retire: [] }, 'statement.body.add'],
        [{ add: [enc], retire: 'all' }, 'statement.body.add'],
        [{ add: [fresh], retire: [new KeyPair().kid] }, 'statement.body.retire'],
        [{ add: [], retire: [] }, 'statement.body.add'],
        [
          { add: [{ jwk: { ...enc.jwk, x: enc.jwk.y }, use: 'enc' }], retire: [] },
          'statement.body.add[0].jwk',
        ],
      ] as const) {
        const other = new Patient(bench);
        await bench.submit(records, 'enrol', {
          as: registrar,
          input: other.enrolment({ keys: [own] }),
        });
        const statement = other.declare({ kind: 'keys', body: body }, patient.key);
        const input = { patient: other.id, statement, salt: random() };
        await assert.rejects(bench.submit(consents, 'declare', { as: relay, at: 'HospitalMSP', input }), {
          code: 'INVALID_ARGUMENT',
          details: { path },
        });
      }
    });

    it('come back after a loss by the registrar, or by a delegate’s word and the registrar, and are marked so', async () => {
      await deliver('grant', patient.consent());
      const source = { form: 'proofing', document: 'd'.repeat(64) } as const;
      const [byRegistrar, byDelegate] = [new KeyPair(), new KeyPair()];
      await record({ kind: 'keys', body: change(byRegistrar).body, source });
      assert.equal(head().keys.find(({ kid }) => kid === byRegistrar.kid)?.origin, 'registrar');
      await declare(delegationTo(helper), byRegistrar);
      const confirmed = patient.declare(change(byDelegate), helper);
      await assert.rejects(deliver('declare', confirmed), { details: { reason: 'REGISTRAR_NEEDED' } });
      await record({ kind: 'confirmed-keys', statement: confirmed, source });
      assert.equal(head().keys.find(({ kid }) => kid === byDelegate.kid)?.origin, 'delegate');
      assert.equal(original(4).jws, confirmed);
      assert.equal((await ask()).outcome, 'permit', 'consents survive');
      await declare(optOut(), byDelegate);
    });

    it('are recovered by no delegate without that act, and by no statement of the patient’s own', async () => {
      const source = { form: 'proofing', document: 'd'.repeat(64) } as const;
      await declare(delegationTo(helper, { acts: ['consent'] }));
      const input = (statement: string) => ({
        patient: patient.id,
        record: { kind: 'confirmed-keys', statement, source },
        salt: random(),
      });
      const unauthorized = input(patient.declare(change(new KeyPair()), helper));
      await assert.rejects(bench.submit(consents, 'record', { as: registrar, input: unauthorized }), {
        details: { reason: 'NOT_DELEGATED' },
      });
      const another = new Patient(bench);
      await bench.submit(records, 'enrol', { as: registrar, input: another.enrolment() });
      const own = { ...input(another.declare(change(new KeyPair()))), patient: another.id };
      await assert.rejects(bench.submit(consents, 'record', { as: registrar, input: own }), {
        code: 'INVALID_ARGUMENT',
      });
    });
  });

  describe('prohibitions', () => {
    const restriction = (body: object, secret = random(256)) =>
      ({ kind: 'restriction', body: { ...optOut(secret).body, ...body } }) as const;
    const treatment = { purpose: [purposeCoding('TREAT')] };

    it('deny at once, at request and at open, and what they forbade is released again when they are lifted', async () => {
      await deliver('grant', patient.consent());
      const input = { patient: patient.id, records: [recordInput()] };
      await bench.submit(records, 'register', { as: registrar, input });
      bench.skip(1000);
      const before = await ask();
      const secret = random(256);
      const statement = restriction({ provision: { type: 'deny' } }, secret);
      await declare(statement);
      await assert.rejects(before.open(), { code: 'CONSENT_DENIED' });
      const denied = await ask();
      assert.deepEqual([denied.outcome, denied.classes['*']?.reason], ['deny', 'RESTRICTION']);
      await revoke(secret);
      assert.equal((await before.open()).length, 1);
      await close(statement.body.prohibition, secret);
      assert.deepEqual(head().prohibitions, []);
      assert.equal((await ask()).outcome, 'permit');
    });

    it('opt out of every secondary use, without a reason, against consents given to it', async () => {
      const provision = { type: 'permit' as const, actor: [organizationActor('ResearchMSP')] };
      await deliver('grant', patient.consent({ provision }));
      await deliver('grant', patient.consent());
      assert.equal((await ask('HRESCH')).outcome, 'permit');
      await declare(optOut());
      const denied = await ask('HRESCH');
      assert.deepEqual([denied.outcome, denied.classes['*']?.reason], ['deny', 'OPT_OUT']);
      assert.equal((await ask()).outcome, 'permit');
    });

    it('are refused with exceptions, as a permit, without what they forbid, or twice', async () => {
      const permit = { type: 'permit' };
      for (const [kind, body, path] of [
        ['restriction', {}, 'statement.body.provision'],
        ['restriction', { provision: permit }, 'statement.body.provision.type'],
        [
          'restriction',
          { provision: { type: 'deny', provision: [permit] } },
          'statement.body.provision.provision',
        ],
        ['restriction', { provision: { type: 'deny', unknown: 1 } }, 'statement.body.provision'],
        ['objection', { provision: { type: 'deny' } }, 'statement.body.provision.purpose'],
        ['opt-out', { provision: { type: 'deny' } }, 'statement.body.provision'],
      ] as const) {
        const other = new Patient(bench);
        await bench.submit(records, 'enrol', { as: registrar, input: other.enrolment() });
        const statement = other.declare({ kind, body: { ...optOut().body, ...body } as never });
        const input = { patient: other.id, statement, salt: random() };
        await assert.rejects(bench.submit(consents, 'declare', { as: relay, at: 'HospitalMSP', input }), {
          code: 'INVALID_ARGUMENT',
          details: { path },
        });
      }
      const objection = {
        kind: 'objection',
        body: { ...optOut().body, provision: { type: 'deny', ...treatment } },
      };
      await declare(objection as never);
      await assert.rejects(declare(objection as never), { details: { reason: 'PROHIBITION_IN_FORCE' } });
    });

    it('are not taken for a change of the notification key either', async () => {
      await assert.rejects(deliver('declare', patient.newNotificationKey()), { code: 'INVALID_ARGUMENT' });
    });

    it('are not taken for consents, nor consents for them', async () => {
      await assert.rejects(deliver('grant', patient.declare(optOut())), { code: 'INVALID_ARGUMENT' });
      const another = new Patient(bench);
      await bench.submit(records, 'enrol', { as: registrar, input: another.enrolment() });
      const input = { patient: another.id, statement: another.consent(), salt: random() };
      await assert.rejects(bench.submit(consents, 'declare', { as: relay, at: 'HospitalMSP', input }), {
        code: 'INVALID_ARGUMENT',
      });
    });
  });

  describe('withdrawals', () => {
    const withdraw = (withdraws: 'consent' | 'prohibition' | 'delegation', id: string) =>
      ({ kind: 'withdrawal', body: { withdraws, id } }) as const;

    it('take out of force by the patient’s word what the patient or a proxy signed', async () => {
      await deliver('grant', patient.consent());
      const [consent = ''] = [...patient.secrets.keys()];
      const [forbidden, proxy] = [optOut(), delegationTo(helper)];
      await declare(forbidden);
      await declare(proxy);
      await declare(withdraw('consent', consent));
      await declare(withdraw('prohibition', forbidden.body.prohibition));
      await declare(withdraw('delegation', proxy.body.delegation));
      const { consents: active, prohibitions, delegations } = head();
      assert.deepEqual([active, prohibitions, delegations], [[], [], []]);
    });

    it('are refused for what is not there, and to delegates for what they did not sign', async () => {
      await assert.rejects(declare(withdraw('consent', random())), { code: 'NOT_FOUND' });
      patient = new Patient(bench);
      await enrol();
      await deliver('grant', patient.consent());
      await declare(delegationTo(helper));
      const [consent = ''] = [...patient.secrets.keys()];
      await assert.rejects(declare(withdraw('consent', consent), helper), {
        details: { reason: 'NOT_YOURS_TO_WITHDRAW' },
      });
    });
  });

  describe('a proxy', () => {
    const delegated = async (change: Partial<DelegationBody> = {}, secret?: string) => {
      const statement = delegationTo(helper, change, secret);
      await declare(statement);
      return statement.body.delegation;
    };

    it('consents with a key of their own, which the receipt and the history say', async () => {
      const delegation = await delegated();
      const statement = patient.consent({}, helper);
      await deliver('grant', statement);
      const { outcome, consents: considered } = await ask();
      assert.equal(outcome, 'permit');
      assert.deepEqual((considered[0] as { delegation: unknown }).delegation, {
        id: delegation,
        relationship: 'proxy',
      });
      const { jws, by } = original(2) as { jws: string; by: { delegation: string } };
      assert.deepEqual([jws, by.delegation], [statement, delegation]);
    });

    it('reads log, history and consents, if that was delegated', async () => {
      await delegated({ acts: ['log'] });
      await ask();
      assert.equal(((await read('log', helper)) as { entries: [] }).entries.length, 1);
      assert.equal(((await read('history', helper)) as { entries: [] }).entries.length, 1);
      assert.equal(((await read('consents', helper)) as { sequence: number }).sequence, 1);
      await assert.rejects(deliver('grant', patient.consent({}, helper)), {
        details: { reason: 'NOT_DELEGATED' },
      });
      await assert.rejects(read('log', new KeyPair()), { details: { reason: 'UNKNOWN_KEY' } });
    });

    it('is held to the purposes that were delegated', async () => {
      await delegated({ purposes: ['TREAT'] });
      for (const provision of [
        { type: 'permit' as const },
        { type: 'permit' as const, purpose: [purposeCoding('TREAT'), purposeCoding('HRESCH')] },
      ]) {
        const other = patient.consent({ provision }, helper);
        await assert.rejects(deliver('grant', other), { code: /CONFLICT|PERMISSION_DENIED/ });
      }
      patient = new Patient(bench);
      await enrol();
      await delegated({ purposes: ['TREAT'] });
      const provision = { type: 'permit' as const, purpose: [purposeCoding('ETREAT')] };
      await deliver('grant', patient.consent({ provision }, helper));
    });

    it('begins and ends by ledger time, and cannot date back', async () => {
      const [from, until] = [DAY, 2 * DAY].map((ms) => new Date(Date.parse(bench.now) + ms).toISOString());
      await delegated({ from: from!, until: until! });
      const early = patient.consent({}, helper);
      await assert.rejects(deliver('grant', early), { details: { reason: 'KEY_NOT_VALID' } });
      await bench.pass(2 * DAY - 60_000);
      const back = bench.now;
      await bench.pass(60_000);
      await assert.rejects(read('log', helper), { details: { reason: 'KEY_NOT_VALID' } });
      patient = Object.assign(patient, {
        bench: Object.assign(Object.create(bench) as Bench, { now: back }),
      });
      await assert.rejects(deliver('grant', patient.consent({}, helper)), {
        code: /PERMISSION_DENIED/,
        details: { reason: 'KEY_NOT_VALID' },
      });
    });

    it('is refused when over already, to oneself, twice, or handed on: there are no cycles', async () => {
      const rejects = async (statement: ReturnType<typeof delegationTo>, expected: object, by?: KeyPair) => {
        const other = new Patient(bench);
        const input = other.enrolment({ keys: [{ jwk: patient.key.jwk, use: 'sig' }] });
        await bench.submit(records, 'enrol', { as: registrar, input });
        const send = (one: string) => {
          const call = { patient: other.id, statement: one, salt: random() };
          return bench.submit(consents, 'declare', { as: relay, at: 'HospitalMSP', input: call });
        };
        await send(other.declare(delegationTo(helper, { acts: ['consent', 'recover'] }), patient.key));
        await assert.rejects(send(other.declare(statement, by ?? patient.key)), expected);
      };
      const third = new KeyPair();
      const over = { until: bench.now };
      await rejects(delegationTo(third, over), { code: 'EXPIRED', details: { reason: 'DELEGATION_OVER' } });
      await rejects(delegationTo(patient.key), {
        details: { path: 'statement.body.delegate', reason: 'DELEGATION_TO_SELF' },
      });
      await rejects(delegationTo(helper), { details: { reason: 'DELEGATE_IN_FORCE' } });
      await rejects(delegationTo(third), { details: { reason: 'NOT_DELEGATED' } }, helper);
      await rejects(delegationTo(patient.key), { details: { reason: 'NOT_DELEGATED' } }, helper);
      const off = { ...third.jwk, x: third.jwk.y };
      await rejects(delegationTo(third, { delegate: off }), { details: { path: 'statement.body.delegate' } });
      await rejects(delegationTo(third, { acts: [] }), { details: { path: 'statement.body.acts' } });
      await rejects(delegationTo(third, { acts: ['consent', 'consent'] }), { code: 'INVALID_ARGUMENT' });
    });

    it('ends everywhere with the handle: nothing more is read, and what was signed after it does not count', async () => {
      const secret = random(256);
      const delegation = await delegated({}, secret);
      const input = { patient: patient.id, records: [recordInput()] };
      await bench.submit(records, 'register', { as: registrar, input });
      bench.skip(1000);
      await deliver('grant', patient.consent({}, helper));
      const before = await ask();
      bench.skip(1000);
      await revoke(secret);
      await assert.rejects(read('log', helper), { details: { reason: 'UNKNOWN_KEY' } });
      assert.equal((await before.open()).length, 1, 'what was given before stays');
      bench.skip(1000);
      // The custodian has not been told yet; what it accepts now must open nothing.
      const provision = { type: 'permit' as const, actor: [organizationActor('ResearchMSP')] };
      await deliver('grant', patient.consent({ provision }, helper));
      const after = await ask('HRESCH');
      await assert.rejects(after.open(), { code: 'CONSENT_DENIED' });
      await close(delegation, secret);
      await assert.rejects(deliver('grant', patient.consent({}, helper)), {
        details: { reason: 'UNKNOWN_KEY' },
      });
      await assert.rejects((await ask('HRESCH')).open(), { code: 'CONSENT_DENIED' });
    });
  });

  describe('a guardian', () => {
    const ageOut = '2026-06-01T00:00:00.000Z';
    let child: Patient;

    beforeEach(async () => {
      child = patient = new Patient(bench);
      await enrol({ ageOut });
    });

    it('is recorded by the registrar, ends at the age-out date, and what they consented to stays until it is withdrawn', async () => {
      const what = guardianRecord(helper);
      await record(what);
      const [{ to, relationship, basis, evidence } = {} as never] = head().delegations ?? [];
      assert.deepEqual([to, relationship, basis, evidence], [ageOut, 'guardian', 'minor', digestOf(what)]);
      await deliver('grant', patient.consent({}, helper));
      await bench.pass(Date.parse(ageOut) - Date.parse(bench.now) - 1);
      assert.equal(((await read('consents', helper)) as { sequence: number }).sequence, 2);
      await bench.pass(300_000);
      await assert.rejects(read('consents', helper), { details: { reason: 'KEY_NOT_VALID' } });
      await assert.rejects(deliver('grant', patient.consent({}, helper)), {
        details: { reason: 'KEY_NOT_VALID' },
      });
      assert.equal((await ask()).outcome, 'permit');
      const over = record(guardianRecord(new KeyPair()));
      await assert.rejects(over, { code: 'EXPIRED', details: { reason: 'DELEGATION_OVER' } });
    });

    it('is refused without an age-out date for a minor, and needs none for somebody who cannot decide', async () => {
      patient = new Patient(bench);
      await enrol({ keys: [] });
      await assert.rejects(record(guardianRecord(helper)), { details: { reason: 'NO_AGE_OUT' } });
      await record(guardianRecord(helper, { basis: 'incapacity' }));
      await deliver('grant', patient.consent({}, helper));
      assert.equal((await ask()).outcome, 'permit');
    });

    it('decides in the patient’s place, but for what the patient decides alone; and is not shown that', async () => {
      await record(guardianRecord(helper, { hidden: ['SEX', 'SDV'] }));
      await assert.rejects(deliver('grant', patient.consent()), { details: { reason: 'GUARDIAN_DECIDES' } });
      child = patient = new Patient(bench);
      await enrol({ ageOut });
      await record(guardianRecord(helper, { hidden: ['SEX', 'SDV'] }));
      const labels = [sensitivityCoding('SDV')];
      const provision = { type: 'permit' as const, securityLabel: labels };
      const own = patient.consent({ provision });
      await deliver('grant', own);
      await deliver('grant', patient.consent({}, helper));
      const sdv = { labels: labels.map(({ system, code }) => ({ system, code })) };
      const [plain, sensitive] = [recordInput(), recordInput(sdv)];
      const input = { patient: patient.id, records: [plain, sensitive] };
      await bench.submit(records, 'register', { as: registrar, input });
      bench.skip(1000);
      assert.deepEqual((await (await ask()).open()).sort(), [plain.id, sensitive.id].sort());
      bench.skip(1);
      await ask('TREAT', { filter: { records: [sensitive.id] } });
      bench.skip(1);
      await ask('TREAT', { filter: { classes: ['Condition'], records: [plain.id] } });

      const held = (await read('consents', helper)) as { consents: { jws: string }[] };
      assert.equal(held.consents.length, 1);
      assert.ok(!held.consents.some(({ jws }) => jws === own));
      const { entries } = (await read('history', helper)) as { entries: object[] };
      assert.deepEqual(entries[1], { hidden: true, digest: statementDigest(own) });
      const shown = (await read('log', helper)) as { entries: { filter: { records?: string[] } }[] };
      assert.ok(!JSON.stringify(shown).includes(sensitive.id));
      const everything = (await read('log', child.key)) as { entries: object[] };
      assert.equal(everything.entries.length, 3);
      assert.ok(shown.entries.length < 3);
    });

    it('cannot be dismissed by the patient’s key, but by the registrar', async () => {
      const what = guardianRecord(helper);
      await record(what);
      const { delegation } = what.body as DelegationBody;
      const body = { withdraws: 'delegation', id: delegation } as const;
      const dismissal = patient.declare({ kind: 'withdrawal', body });
      await assert.rejects(deliver('declare', dismissal), { details: { reason: 'NOT_YOURS_TO_WITHDRAW' } });
      const source = { form: 'court', document: 'd'.repeat(64) } as const;
      const input = { patient: patient.id, record: { kind: 'withdrawal', body, source }, salt: random() };
      await bench.submit(consents, 'record', { as: registrar, input });
      assert.deepEqual(head().delegations, []);
    });

    it('cannot appoint anybody, and the patient neither while there is one', async () => {
      await record(guardianRecord(helper));
      const third = delegationTo(new KeyPair());
      await assert.rejects(declare(third), { details: { reason: 'GUARDIAN_DECIDES' } });
      patient = new Patient(bench);
      await enrol({ ageOut });
      await record(guardianRecord(helper));
      await assert.rejects(declare(third, helper), { details: { reason: 'NOT_DELEGATED' } });
    });
  });

  describe('reading for somebody else', () => {
    const own = async (by: KeyPair) => {
      const statement = patient.read('records', {}, 'HospitalMSP', by);
      const question = { scope: 'content', purpose: 'PATRQT', filter: {}, encryptionKey: by.jwk, statement };
      const input = { patient: patient.id, ...question, salt: random() };
      const result = await bench.submit(access, 'request', { as: doctor, at: 'HospitalMSP', input });
      const { receipt } = JSON.parse(result) as { receipt: string };
      const call = { as: doctor, at: 'HospitalMSP', input: { receipt } };
      const open = async () => {
        const { jwe } = JSON.parse(await bench.evaluate(access, 'open', call)) as { jwe: string };
        return ((await by.read(jwe)) as { records: { id: string }[] }).records.map(({ id }) => id);
      };
      return { open, outcome: await bench.evaluate(access, 'outcome', call) };
    };
    const provision = { type: 'permit' as const, purpose: [purposeCoding('PATRQT')] };

    it('shows a delegate the records without what is hidden, logs it as theirs, and ends with the handle', async () => {
      const secret = random(256);
      const statement = delegationTo(helper, { acts: ['records'], hidden: ['SDV'] }, secret);
      await deliver('grant', patient.consent({ provision }));
      await declare(statement);
      const labels = [sensitivityCoding('SDV')].map(({ system, code }) => ({ system, code }));
      const [plain, sensitive] = [recordInput(), recordInput({ labels })];
      const input = { patient: patient.id, records: [plain, sensitive] };
      await bench.submit(records, 'register', { as: registrar, input });
      bench.skip(1000);
      assert.equal((await (await own(patient.key)).open()).length, 2);
      bench.skip(1);
      const asked = await own(helper);
      assert.deepEqual(await asked.open(), [plain.id]);
      assert.ok(!asked.outcome.includes(statement.body.handle), 'the relay is not told the handle');
      const { entries } = (await read('log', patient.key)) as { entries: { delegation?: object }[] };
      assert.deepEqual(
        entries.map(({ delegation }) => delegation),
        [undefined, { id: statement.body.delegation, relationship: 'proxy' }],
      );
      await revoke(secret);
      await assert.rejects(asked.open(), {
        code: 'PERMISSION_DENIED',
        details: { reason: 'DELEGATION_ENDED' },
      });
    });

    it('is refused to a delegate for other acts, and to strangers', async () => {
      await declare(delegationTo(helper, { acts: ['consent', 'log', 'recover'] }));
      await assert.rejects(own(helper), { details: { reason: 'NOT_DELEGATED' } });
      await assert.rejects(own(new KeyPair()), { details: { reason: 'UNKNOWN_KEY' } });
    });

    it('tells by nothing whether there is something hidden', async () => {
      await deliver('grant', patient.consent({ provision }));
      await declare(delegationTo(helper, { acts: ['records'], hidden: ['SDV'] }));
      const { open } = await own(helper);
      await assert.rejects(open(), { code: 'CONSENT_DENIED' });
    });
  });

  describe('a consent on paper', () => {
    it('permits, says in every receipt what it rests on, and is in the chain', async () => {
      const what = paperConsent();
      await record(what);
      const { outcome, consents: considered } = await ask();
      assert.equal(outcome, 'permit');
      assert.deepEqual((considered[0] as { recorded: unknown }).recorded, what.source);
      assert.deepEqual([head().sequence, head().previous], [1, digestOf(what)]);
      assert.deepEqual(original(1).record, what);
      await deliver('grant', patient.consent());
    });

    it('is revoked with the secret on the slip, withdrawn with a key, or by the registrar', async () => {
      const secret = random(256);
      const what = paperConsent(secret);
      const input = { patient: patient.id, records: [recordInput()] };
      await bench.submit(records, 'register', { as: registrar, input });
      await record(what);
      bench.skip(1000);
      const { open } = await ask();
      assert.equal((await open()).length, 1);
      await revoke(secret);
      await assert.rejects(open(), { code: 'CONSENT_DENIED' });
      const [second, third] = [random(), random()];
      await record(paperConsent(random(256), second));
      await declare({ kind: 'withdrawal', body: { withdraws: 'consent', id: second } });
      await record(paperConsent(random(256), third));
      await record({
        kind: 'withdrawal',
        body: { withdraws: 'consent', id: third },
        source: { form: 'verbal', document: 'd'.repeat(64) },
      });
      assert.deepEqual(
        head().consents.map(({ consent }) => consent),
        [(what.body as { consent: string }).consent],
      );
    });

    it('is refused with what the engine does not know, another source, or a member that is none', async () => {
      const what = paperConsent();
      const body = { ...(what.body as object), provision: { type: 'permit', unknown: 1 } };
      for (const [wrong, path] of [
        [{ ...what, body }, 'input.record.body.provision'],
        [{ ...what, source: { form: 'proofing', document: 'd'.repeat(64) } }, 'input.record.source.form'],
        [{ ...what, source: { form: 'paper', document: 'Jane Doe' } }, 'input.record.source.document'],
        [{ ...what, kind: 'restriction' }, 'input.record.kind'],
        [{ ...what, patient: 'Jane Doe' }, 'input.record'],
      ] as const) {
        const input = { patient: patient.id, record: wrong, salt: random() };
        await assert.rejects(bench.submit(consents, 'record', { as: registrar, input }), {
          code: 'INVALID_ARGUMENT',
          details: { path },
        });
      }
      await assert.rejects(
        record({
          ...what,
          body: { ...(what.body as never as object), provision: { type: 'permit', period: { end: '2020' } } },
        } as never),
        {
          details: { path: 'statement.body.provision.period.end', reason: 'CONSENT_EXPIRED' },
        },
      );
    });
  });
});
