import assert from 'node:assert/strict';
import type { PatientHead } from '@vitaledger/domain';
import { ConsentContract } from '../consent/consent-contract.js';
import { AccessBench } from '../testing/access-bench.js';
import { Bench, caller, random } from '../testing/bench.js';
import { recordInput } from '../testing/patient.js';

const relay = caller('PharmacyMSP', 'service');

/** A custodian whose peer was restored from an old copy, or altered: what the patient has taken back stays closed. */
describe('a patient head that was rolled back or altered', () => {
  let bench: Bench;
  let at: AccessBench;
  let key: string;

  beforeEach(async () => {
    bench = await Bench.founded();
    at = await AccessBench.open(bench);
    key = `patient/${at.patient.id}`;
    await at.register(recordInput());
    bench.skip(1000);
  });

  const stored = (of = key): Buffer => bench.channel.committed('HospitalMSP', of)!;
  const put = (bytes: Buffer): void => {
    bench.channel.apply([{ side: 'HospitalMSP', key, bytes }]);
  };
  const submit = (name: 'close' | 'declare', content: object): Promise<string> => {
    const input = { patient: at.patient.id, ...content, salt: random() };
    return bench.submit(new ConsentContract(), name, { as: relay, at: 'HospitalMSP', input });
  };

  it('opens nothing under a consent that was revoked since', async () => {
    await at.grant();
    const old = stored();
    const [[consent, secret]] = [...at.patient.secrets] as [[string, string]];
    await at.revoke();
    await submit('close', { consent, secret });
    put(old);
    const receipt = await at.request();
    await assert.rejects(at.open(receipt), { code: 'CONSENT_DENIED' });
  });

  it('is noticed with the next statement, which does not follow what the head says', async () => {
    await at.grant();
    const old = stored();
    const restriction = { prohibition: random(), handle: random(256), provision: { type: 'deny' } as const };
    await submit('declare', { statement: at.patient.declare({ kind: 'restriction', body: restriction }) });
    put(old);
    await assert.rejects(at.grant(), {
      code: 'CONFLICT',
      details: { reason: 'NOT_NEXT_IN_CHAIN', sequence: 1 },
    });
  });

  it('opens nothing by what the patient did not sign', async () => {
    const other = await AccessBench.open(bench);
    await other.grant();
    const [head, theirs] = [stored(), stored(`patient/${other.patient.id}`)].map(
      (bytes) => JSON.parse(bytes.toString()) as PatientHead,
    ) as [PatientHead, PatientHead];
    const altered = [
      { ...head, consents: theirs.consents },
      { ...head, consents: theirs.consents, keys: [...head.keys, ...theirs.keys] },
    ];
    for (const one of altered) {
      put(Buffer.from(JSON.stringify(one)));
      await assert.rejects(at.request(), {
        code: 'INTEGRITY',
        details: { reason: 'STORED_CONSENT_ALTERED' },
      });
    }
  });
});
