import { permission, type SignedConsent } from '@vitaledger/client';
import { short } from '../narrator/layout.js';
import type { Narrator } from '../narrator/narrator.js';
import { all, parties, type Cast, type CastPatient } from '../stage/cast.js';
import type { Stage } from '../stage/stage.js';

export async function alteredStatement(
  narrator: Narrator,
  stage: Stage,
  cast: Cast,
  patient: CastPatient,
): Promise<void> {
  narrator.scene('An altered consent is refused; the patient reads the log');
  narrator.tell(
    'Next the patient lets the pharmacy see prescriptions. Whoever passes the statement on could try to put another name into it.',
  );
  const { key, token } = patient;
  const consent = await narrator.does(parties.device, 'signs a consent for the pharmacy', () =>
    key.consent({
      patients: [token],
      provision: permission({
        to: [{ organization: 'PharmacyMSP' }],
        purposes: ['TREAT'],
        classes: ['MedicationRequest'],
      }),
      text: { content: 'The pharmacy may see my prescriptions.', language: 'en' },
    }),
  );
  const altered = readdressed(consent, 'PharmacyMSP', 'ResearchMSP');
  const code = await narrator.does(
    parties.pharmacy,
    'delivers it, with the research institute in the pharmacy’s place',
    async () => {
      const { deliveries } = await cast.pharmacy.consents.grant({ consent: altered, patients: [token] });
      const error = deliveries[0]?.error;
      if (!error) throw new Error('An altered statement was accepted: please report this.');
      return error.code;
    },
  );
  narrator.refused(
    parties.hospital,
    `${code}: the signature is not that of these words. Nothing was written.`,
  );
  await narrator.does(parties.pharmacy, 'delivers it as it was signed', async () => {
    const { deliveries } = await cast.pharmacy.consents.grant({ consent, patients: [token], key });
    const error = deliveries[0]?.error;
    if (error) throw error;
  });
  narrator.allowed(parties.hospital, 'accepts it: the second statement in the patient’s chain.');
  await readLog(narrator, stage, cast, patient);
}

/** The statement with another recipient, as a dishonest relay would send it. */
function readdressed(consent: SignedConsent, from: string, to: string): SignedConsent {
  const [header = '', payload = '', signature = ''] = consent.jws.split('.');
  const words = Buffer.from(payload, 'base64url').toString('utf8').replaceAll(from, to);
  return { ...consent, jws: [header, Buffer.from(words).toString('base64url'), signature].join('.') };
}

async function readLog(
  narrator: Narrator,
  stage: Stage,
  { pharmacy }: Cast,
  { key, token }: CastPatient,
): Promise<void> {
  narrator.tell(
    'The device asks for the access log with a signed request, through any gateway. The answer is encrypted to the device, so the relay reads nothing.',
  );
  const entries = await narrator.does(
    parties.device,
    (log) => `decrypts the log: ${log.length} entries`,
    () => all(pharmacy.access.log(token, key)),
  );
  narrator.table(
    entries.map(({ instant, actor, purpose, scope, outcome, receipt }) => [
      instant.slice(11, 19),
      stage.displayName(actor.mspId),
      `${actor.role} ${short(actor.subject)}`,
      purpose,
      scope,
      outcome,
      short(receipt),
    ]),
    { head: ['UTC', 'who', 'as', 'why', 'what', 'answer', 'receipt'] },
  );
}
