import { answered, type Change, type ChangeReason, type RectificationAnswer } from '@vitaledger/domain';
import type { Admission } from '../authorization/admission.js';
import { ledgerTime } from '../consortium/adopted-document.js';
import { derivedSalt } from '../ledger/derived-salt.js';
import { rectificationKey } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';

/** Who changes something, when (checked against the channel's clock) and why. */
export async function changeBy(
  ledger: Ledger,
  { document, person, via }: Admission,
  reason: ChangeReason,
): Promise<Change> {
  const instant = await ledgerTime(ledger, document);
  return { instant, by: person, ...(via === undefined ? {} : { via }), reason };
}

/** Writes the answer to the patient's request that a correction names, if it names one. */
export async function answerRequest(
  ledger: Ledger,
  input: {
    readonly patient: string;
    readonly record: string;
    readonly rectification?: string | undefined;
    readonly salt: string;
  },
  answer: RectificationAnswer,
): Promise<void> {
  const { patient, record, rectification, salt } = input;
  if (rectification === undefined) return;
  const asked = await ledger.getPrivate(rectificationKey(patient, rectification));
  const closed = answered(asked, record, answer, derivedSalt(salt, 'rectification'));
  await ledger.putPrivate(rectificationKey(patient, rectification), closed);
}
