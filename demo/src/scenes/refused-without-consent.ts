import { VitaledgerError, type AccessReceipt, type Vitaledger } from '@vitaledger/client';
import { short } from '../narrator/layout.js';
import type { Narrator } from '../narrator/narrator.js';
import { all, parties, type Cast, type CastPatient } from '../stage/cast.js';

/** @returns the receipt of the specialist's request, which was denied */
export async function refusedWithoutConsent(
  narrator: Narrator,
  { specialist, researcher }: Cast,
  { token }: CastPatient,
): Promise<AccessReceipt> {
  narrator.scene('A specialist and a researcher ask, without consent');
  narrator.tell(
    'The patient has been referred to the specialist clinic and brought a token, which only says whom to ask about what number. ' +
      'Reading takes two steps: a request, which is decided and logged at the hospital, and then its opening.',
  );
  const receipt = await ask(narrator, parties.clinic, specialist, 'to treat the patient (TREAT)', {
    ...token,
    purpose: 'TREAT',
  });
  await refusedOpening(narrator, parties.clinic, specialist, receipt);
  const other = await ask(narrator, parties.research, researcher, 'for a study (HRESCH)', {
    ...token,
    purpose: 'HRESCH',
  });
  await refusedOpening(narrator, parties.research, researcher, other);
  narrator.blank();
  narrator.remark(
    'Both denials are committed transactions, and look like any other request in the block. Whoever asks leaves a trace; only the patient and the hospital can read it.',
  );
  return receipt;
}

async function ask(
  narrator: Narrator,
  party: string,
  ledger: Vitaledger,
  why: string,
  question: Parameters<Vitaledger['access']['request']>[0],
): Promise<AccessReceipt> {
  return narrator.does(
    party,
    ({ receipt }) => `asks the hospital, ${why}: receipt ${short(receipt)}`,
    () => ledger.access.request(question),
  );
}

/** Opening must fail, and the receipt says why. */
async function refusedOpening(
  narrator: Narrator,
  party: string,
  ledger: Vitaledger,
  receipt: AccessReceipt,
): Promise<void> {
  const { decision } = await ledger.access.outcome(receipt);
  const reason = Object.values(decision.classes)[0]?.reason ?? 'RULES';
  const code = await refusalOf(all(ledger.access.open(receipt)));
  narrator.refused(party, `${code}: ${reasons[reason]}`);
}

const reasons = {
  NO_CONSENT: 'the patient has no consent in force at the hospital, and silence means no.',
  NO_CONSENT_APPLIES: 'the patient has consented to other things, but to nothing like this.',
  RULES: 'the patient’s consents say so.',
  RESTRICTION: 'the patient restricted the use of these records.',
  OBJECTION: 'the patient objected to this use.',
  OPT_OUT: 'the patient opted out of secondary use.',
  POLICY: 'a law says so.',
} as const;

/**
 * The code of the refusal that must come.
 *
 * @throws Error when it does not
 */
export async function refusalOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof VitaledgerError) return error.code;
    throw error;
  }
  throw new Error('What must be refused was allowed: please report this.');
}
