import assert from 'node:assert/strict';
import type { PatientLink } from '@vitaledger/domain';
import { ConsentContract } from '../consent/consent-contract.js';
import { caller, random } from '../testing/bench.js';
import { KeyPair } from '../testing/patient.js';
import { RecordsBench } from '../testing/records-bench.js';
import { PatientLinkContract } from './patient-link-contract.js';

const contract = new PatientLinkContract();
const registrar = caller('HospitalMSP', 'registrar');
const by = { mspId: 'HospitalMSP', role: 'registrar', subject: 'registrar-1' };

describe('PatientLinkContract', () => {
  let hospital: RecordsBench;
  const other = { custodian: 'ClinicMSP', patient: random() };

  beforeEach(async () => {
    hospital = await RecordsBench.open();
  });

  const submit = (name: 'link' | 'unlink', change: object = {}, as = registrar) => {
    const type = name === 'link' ? { type: 'seealso' } : {};
    const said = { patient: hospital.patient.id, other, ...type, reason: { text: 'passport shown' } };
    const input = { ...said, salt: random(), ...change };
    return hospital.bench.submit(contract, name, { as, at: 'HospitalMSP', input });
  };
  const links = async () => {
    const { bench, patient, reader } = hospital;
    const input = { patient: patient.id, encryptionKey: reader.jwk };
    const answer = JSON.parse(await bench.evaluate(contract, 'links', { as: registrar, input })) as {
      jwe: string;
    };
    return ((await reader.read(answer.jwe)) as { links: PatientLink[] }).links;
  };
  /** What the patient reads by their own signature. */
  const history = async () => {
    const { bench, patient } = hospital;
    const input = { patient: patient.id, statement: patient.read('links') };
    const relay = { as: caller('PharmacyMSP', 'service'), at: 'HospitalMSP', input };
    const jwe = await bench.evaluate(contract, 'history', relay);
    return ((await patient.key.read(jwe)) as { links: PatientLink[] }).links;
  };

  it('keeps who linked what to whom, when and why, at this custodian alone', async () => {
    assert.deepEqual(await links(), []);
    assert.equal(await submit('link', { type: 'refer' }), '');
    const linked = { instant: hospital.bench.now, by, reason: { text: 'passport shown' } };
    assert.deepEqual(await links(), [{ ...other, type: 'refer', linked }]);
    assert.deepEqual(hospital.bench.channel.keys('ClinicMSP'), []);
    await assert.rejects(submit('link'), { code: 'ALREADY_EXISTS' });
  });

  it('takes a link back; the patient reads that it was there, who said so and why', async () => {
    await submit('link');
    await submit('unlink', { reason: { text: 'a namesake' } });
    assert.deepEqual(await links(), []);
    const [kept] = await history();
    assert.deepEqual([kept?.linked.by, kept?.unlinked?.reason], [by, { text: 'a namesake' }]);
    await assert.rejects(submit('unlink'), { code: 'NOT_FOUND' });
    await submit('link');
    assert.equal((await links()).length, 1);
    assert.equal((await history()).length, 2);
  });

  describe('signed by the patient', () => {
    const declare = (body: object, by = hospital.patient.key) => {
      const { bench, patient } = hospital;
      const statement = patient.undelivered({ kind: 'link', body } as never, by);
      const input = { patient: patient.id, statement, salt: random() };
      const as = caller('PharmacyMSP', 'service');
      return bench.submit(new ConsentContract(), 'declare', { as, at: 'HospitalMSP', input });
    };
    /** The same, taking its place in the chain. */
    const declared = (body: object) => {
      const { bench, patient } = hospital;
      const statement = patient.declare({ kind: 'link', body } as never);
      const input = { patient: patient.id, statement, salt: random() };
      const as = caller('PharmacyMSP', 'service');
      return bench.submit(new ConsentContract(), 'declare', { as, at: 'HospitalMSP', input });
    };

    it('stands with the digest of what was signed, until the patient or a registrar takes it back', async () => {
      await declared({ other });
      const [link] = await links();
      assert.deepEqual([link?.custodian, link?.patient, link?.type], ['ClinicMSP', other.patient, 'seealso']);
      assert.match(link?.linked.statement ?? '', /^[0-9a-f]{64}$/);
      assert.equal(link?.linked.by, undefined);
      await assert.rejects(declare({ other }), { code: 'ALREADY_EXISTS' });
      await declared({ other, unlink: true });
      assert.deepEqual(await links(), []);
      await declared({ other, type: 'refer' });
      await submit('unlink');
      assert.deepEqual(
        (await history()).map(({ unlinked }) => unlinked?.by?.subject),
        [undefined, 'registrar-1'],
      );
      assert.deepEqual(hospital.bench.channel.keys('ClinicMSP'), []);
    });

    it('takes back nothing that a registrar said, names another custodian, and is by a key of the patient', async () => {
      await submit('link');
      await assert.rejects(declare({ other, unlink: true }), { details: { reason: 'LINKED_BY_REGISTRAR' } });
      await assert.rejects(declare({ other: { ...other, patient: random() }, unlink: true }), {
        code: 'NOT_FOUND',
      });
      await assert.rejects(declare({ other: { ...other, custodian: 'HospitalMSP' } }), {
        details: { path: 'statement.body.other.custodian' },
      });
      await assert.rejects(declare({ other }, new KeyPair()), { code: 'PERMISSION_DENIED' });
      assert.equal((await links()).length, 1);
    });
  });

  it('notifies the patient of each', async () => {
    await submit('link');
    const notices = hospital.bench.channel
      .keys('HospitalMSP')
      .filter((key) => key.startsWith(`notice/${hospital.patient.id}/`));
    assert.equal((hospital.stored(notices[0]!) as { kind: string }).kind, 'link');
  });

  it('is a registrar’s word about another custodian’s patient', async () => {
    for (const name of ['link', 'unlink'] as const) {
      await assert.rejects(submit(name, { other: { ...other, custodian: 'HospitalMSP' } }), {
        details: { path: 'input.other.custodian' },
      });
      await assert.rejects(submit(name, { patient: random() }), { code: 'NOT_FOUND' });
      for (const as of [caller('HospitalMSP', 'practitioner'), caller('ClinicMSP', 'registrar')]) {
        await assert.rejects(submit(name, {}, as), { code: 'PERMISSION_DENIED' });
      }
    }
    await assert.rejects(submit('link', { type: 'replaces' }), { details: { path: 'input.type' } });
  });
});
