import assert from 'node:assert/strict';
import {
  classCoding,
  organizationActor,
  purposeCoding,
  type ConsentProvision,
  type LogEntry,
  type PatientLink,
} from '@vitaledger/domain';
import fc from 'fast-check';
import { AccessContract } from '../access/access-contract.js';
import { ConsentContract } from '../consent/consent-contract.js';
import { Bench, caller, random } from '../testing/bench.js';
import { KeyPair, Patient, recordInput } from '../testing/patient.js';
import { PatientLinkContract } from './patient-link-contract.js';
import { RecordContract } from './record-contract.js';

const links = new PatientLinkContract();
const access = new AccessContract();
const consents = new ConsentContract();
const records = new RecordContract();
const registrar = caller('HospitalMSP', 'registrar');
const doctor = caller('ClinicMSP', 'practitioner', 'dr-9');
const reader = new KeyPair();

const TREAT: ConsentProvision = {
  type: 'permit',
  actor: [organizationActor('ClinicMSP')],
  purpose: [purposeCoding('TREAT')],
};
const except = (name: string): ConsentProvision => ({
  ...TREAT,
  provision: [{ type: 'deny', class: [classCoding(name)] }],
});

interface Disclosure {
  readonly records: readonly { readonly id: string; readonly patient: string }[];
}

describe('entries of one person at one custodian', () => {
  let bench: Bench;
  let one: Patient;
  let other: Patient;

  const begin = async (): Promise<void> => {
    bench = await Bench.founded();
    [one, other] = [new Patient(bench), new Patient(bench)];
    for (const patient of [one, other]) {
      await bench.submit(records, 'enrol', { as: registrar, input: patient.enrolment() });
    }
  };
  beforeEach(begin);

  const register = async ({ id: patient }: Patient, ...classes: string[]): Promise<string[]> => {
    const made = classes.map((name) => recordInput({ class: name }));
    await bench.submit(records, 'register', { as: registrar, input: { patient, records: made } });
    bench.skip(1000);
    return made.map(({ id }) => id);
  };
  const grant = (patient: Patient, provision: ConsentProvision = TREAT) =>
    bench.submit(consents, 'grant', {
      as: registrar,
      input: { patient: patient.id, statement: patient.consent({ provision }), salt: random() },
    });
  const forbid = (patient: Patient, provision: ConsentProvision) => {
    const body = { prohibition: random(), handle: random(256), provision };
    const statement = patient.declare({ kind: 'restriction', body });
    return bench.submit(consents, 'declare', {
      as: registrar,
      input: { patient: patient.id, statement, salt: random() },
    });
  };
  const change = (name: 'merge' | 'unmerge', surviving = one, replaced = other, as = registrar) => {
    const said = { patient: surviving.id, replaced: replaced.id, reason: { text: `to ${name}` } };
    return bench.submit(links, name, { as, at: 'HospitalMSP', input: { ...said, salt: random() } });
  };
  const request = async (patient: Patient, asked: object = {}, as = doctor): Promise<string> => {
    const input = {
      patient: patient.id,
      scope: 'content',
      purpose: 'TREAT',
      filter: {},
      encryptionKey: reader.jwk,
      salt: random(),
      ...asked,
    };
    const answer = await bench.submit(access, 'request', { as, at: 'HospitalMSP', input });
    return (JSON.parse(answer) as { receipt: string }).receipt;
  };
  const open = async (receipt: string, pageSize = 100): Promise<string[]> => {
    const found: string[] = [];
    let bookmark = '';
    do {
      const input = { receipt, pageSize, ...(bookmark === '' ? {} : { bookmark }) };
      const answer = await bench.evaluate(access, 'open', { as: doctor, at: 'HospitalMSP', input });
      const page = JSON.parse(answer) as { jwe: string; bookmark: string };
      found.push(...((await reader.read(page.jwe)) as Disclosure).records.map(({ id }) => id));
      ({ bookmark } = page);
    } while (bookmark !== '');
    return found.sort();
  };
  /** What the doctor can read by asking for a patient; nothing where it is denied. */
  const readable = async (patient: Patient, asked: object = {}): Promise<string[]> =>
    open(await request(patient, asked)).catch((error: unknown) => {
      if ((error as { code?: string }).code === 'CONSENT_DENIED') return [];
      throw error;
    });
  const log = async (patient: Patient): Promise<LogEntry[]> => {
    const input = { patient: patient.id, statement: patient.read('log') };
    const jwe = await bench.evaluate(access, 'log', { as: registrar, input });
    return ((await patient.key.read(jwe)) as { entries: LogEntry[] }).entries;
  };
  const linksOf = async (patient: Patient): Promise<PatientLink[]> => {
    const input = { patient: patient.id, statement: patient.read('links') };
    const jwe = await bench.evaluate(links, 'history', { as: registrar, input });
    return ((await patient.key.read(jwe)) as { links: PatientLink[] }).links;
  };

  it('once merged, are found by asking for either, each record opened by its own entry’s consent', async () => {
    await grant(one);
    await grant(other);
    const all = [
      ...(await register(one, 'Observation', 'Condition')),
      ...(await register(other, 'Procedure')),
    ];
    await change('merge');
    for (const patient of [one, other]) {
      assert.deepEqual(await readable(patient), [...all].sort());
      assert.deepEqual(await open(await request(patient), 1), [...all].sort());
    }
  });

  it('are not opened by the consent of another entry', async () => {
    const own = await register(one, 'Observation');
    await register(other, 'Observation');
    await grant(one);
    await change('merge');
    assert.deepEqual(await readable(one), own);
    await grant(one, { ...TREAT, period: { end: '2030' } });
    assert.deepEqual(await readable(one), own, 'nor by one that is given after the merge');
    assert.deepEqual(await readable(other), own);
  });

  it('hold for all what is forbidden in one, from the merge on and however it is said', async () => {
    const [observation] = await register(one, 'Observation', 'Condition');
    await grant(one);
    await grant(other, except('Condition'));
    assert.equal((await readable(one)).length, 2);
    await change('merge');
    assert.deepEqual(await readable(one), [observation]);
    await forbid(other, { type: 'deny', class: [classCoding('Observation')] });
    assert.deepEqual(await readable(one), []);
  });

  it('keep what was decided before the merge from opening more, and close what is denied since', async () => {
    await register(one, 'Observation');
    await register(other, 'Procedure');
    await grant(one);
    await grant(other, { type: 'deny', class: [classCoding('Observation')] });
    const before = await request(one);
    await change('merge');
    await assert.rejects(open(before), { code: 'CONSENT_DENIED' });
  });

  it('log a request in the log of each, with its own outcome', async () => {
    await grant(one);
    await change('merge');
    await request(one);
    const [mine, theirs] = [(await log(one)).at(-1), (await log(other)).at(-1)];
    assert.equal(mine?.receipt, theirs?.receipt);
    assert.deepEqual([mine?.outcome, theirs?.outcome], ['permit', 'deny']);
    assert.deepEqual([mine?.patient, theirs?.patient], [one.id, other.id]);
    const notices = bench.channel
      .keys('HospitalMSP')
      .filter((key) => key === `notice/${other.id}/${mine!.receipt}`);
    assert.equal(notices.length, 1);
  });

  it('tell the patient who merged them and why, and that it was taken back', async () => {
    await change('merge');
    await change('unmerge');
    const expected = (patient: Patient, type: string) => ({
      custodian: 'HospitalMSP',
      patient: patient.id,
      type,
      linked: { by: 'registrar-1', reason: 'to merge' },
      unlinked: { by: 'registrar-1', reason: 'to unmerge' },
    });
    const told = async (patient: Patient) =>
      (await linksOf(patient)).map(({ linked, unlinked, ...link }) => ({
        ...link,
        linked: { by: linked.by?.subject, reason: linked.reason?.text },
        unlinked: { by: unlinked?.by?.subject, reason: unlinked?.reason?.text },
      }));
    assert.deepEqual(await told(one), [expected(other, 'replaces')]);
    assert.deepEqual(await told(other), [expected(one, 'replaced-by')]);
  });

  it('take new records in the one that survives alone, and statements in both', async () => {
    await change('merge');
    await assert.rejects(register(other, 'Observation'), { details: { reason: 'REPLACED' } });
    await register(one, 'Observation');
    await grant(other);
    await change('unmerge');
    await register(other, 'Observation');
  });

  it('leave a request at the patient’s own signature with the entry that it names', async () => {
    await register(other, 'Observation');
    await change('merge');
    const statement = one.read('records', { encryptionKey: reader.jwk });
    const receipt = await request(one, { purpose: 'PATRQT', statement });
    const input = { receipt };
    const outcome = await bench.evaluate(access, 'outcome', { as: doctor, at: 'HospitalMSP', input });
    assert.equal((JSON.parse(outcome) as { merged?: unknown }).merged, undefined);
  });

  it('are merged once, by a registrar, with a bound', async () => {
    await change('merge');
    await assert.rejects(change('merge'), { code: 'ALREADY_EXISTS' });
    await assert.rejects(change('merge', other, one), { code: 'ALREADY_EXISTS' });
    await assert.rejects(change('merge', one, one), { details: { path: 'input.replaced' } });
    await assert.rejects(change('unmerge', other, one), { code: 'NOT_FOUND' });
    for (const as of [caller('HospitalMSP', 'practitioner'), caller('ClinicMSP', 'registrar')]) {
      await assert.rejects(change('unmerge', one, other, as), { code: 'PERMISSION_DENIED' });
    }
    for (let count = 3; count <= 5; count += 1) {
      const more = new Patient(bench);
      await bench.submit(records, 'enrol', { as: registrar, input: more.enrolment() });
      await change('merge', one, more);
    }
    const sixth = new Patient(bench);
    await bench.submit(records, 'enrol', { as: registrar, input: sixth.enrolment() });
    await assert.rejects(change('merge', one, sixth), { details: { reason: 'TOO_MANY_ENTRIES', limit: 5 } });
  });

  it('are decided over every merge between them', async () => {
    const third = new Patient(bench);
    await bench.submit(records, 'enrol', { as: registrar, input: third.enrolment() });
    await grant(one);
    await register(one, 'Observation');
    await forbid(third, { type: 'deny', class: [classCoding('Observation')] });
    await change('merge', one, other);
    assert.equal((await readable(one)).length, 1);
    await change('merge', third, one);
    assert.deepEqual(await readable(one), []);
    assert.deepEqual(await readable(other), []);
  });

  it('whatever was said, open no more once merged, and exactly as before once unmerged', async () => {
    const provision = fc.constantFrom<ConsentProvision>(
      TREAT,
      except('Observation'),
      except('Condition'),
      { type: 'deny', purpose: [purposeCoding('TREAT')] },
      { ...TREAT, class: [classCoding('Condition')] },
    );
    const entry = fc.record({
      consents: fc.array(provision, { maxLength: 2 }),
      forbidden: fc.option(fc.constantFrom('Observation', 'Condition')),
    });
    const decided = fc.asyncProperty(entry, entry, fc.boolean(), async (first, second, swap) => {
      await begin();
      for (const [patient, said] of [
        [one, first],
        [other, second],
      ] as const) {
        for (const terms of said.consents) await grant(patient, terms);
        if (said.forbidden) await forbid(patient, { type: 'deny', class: [classCoding(said.forbidden)] });
        await register(patient, 'Observation', 'Condition');
      }
      const both = async () => [await readable(one), await readable(other)] as const;
      const before = await both();
      const pair = swap ? ([other, one] as const) : ([one, other] as const);
      await change('merge', ...pair);
      const could = new Set(before.flat());
      for (const found of await both()) assert.ok(found.every((id) => could.has(id)));
      await change('unmerge', ...pair);
      assert.deepEqual(await both(), before);
    });
    await fc.assert(decided, { numRuns: 25 });
  });
});
