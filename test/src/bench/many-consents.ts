import { canonicalJson, organizationActor, purposeCoding, type PatientHead } from '@vitaledger/domain';
import { hex, SigningDevice } from './signing-device.js';
import { writeHeads } from './written-heads.js';

/** Patients whose consents are really signed, and asked about. */
const ASKED = 2000;

/** The hospital may treat. */
const TERMS = {
  provision: {
    type: 'permit' as const,
    actor: [organizationActor('HospitalMSP')],
    purpose: [purposeCoding('TREAT')],
    period: { end: '2099-12-31' },
  },
};

/**
 * Writes patients with a consent each straight into the state of a custodian on the embedded ledger that is not running. Of those that are
 * asked about, evenly among the others, each head is what the contracts make of a signed statement; the others are as long, and nobody looks at
 * their signatures.
 *
 * @param root the network's folder.
 * @returns the ids of the patients to ask about
 */
export async function writeConsents(
  root: string,
  count: number,
  onProgress: (written: number) => void,
): Promise<readonly string[]> {
  const device = new SigningDevice();
  const each = Math.max(1, Math.floor(count / ASKED));
  const template = device.consenting(hex(128), TERMS);
  const form = canonicalJson(template);
  const asked: string[] = [];
  const headOf = (index: number) => {
    const patient = hex(128);
    if (index % each !== 0) return { patient, value: likewise(form, template, patient) };
    asked.push(patient);
    return { patient, value: canonicalJson(device.consenting(patient, TERMS)) };
  };
  await writeHeads(root, count, headOf, onProgress);
  return asked;
}

function likewise(form: string, { patient, salt }: PatientHead, id: string): string {
  return form.replaceAll(patient, id).replaceAll(salt, hex(256));
}
