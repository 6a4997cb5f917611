import type { MergedPair, PatientHead, PatientLink, PatientLinks } from '@vitaledger/domain';
import { derivedSalt } from '../ledger/derived-salt.js';
import { linksKey, patientKey } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';
import { keepNotice, notify } from '../notifications/notify.js';

/** The link of one entry to the other. */
type OneWay = Pick<PatientLink, 'custodian' | 'patient' | 'type'>;

/** Two heads, and what becomes of them. */
interface Change {
  readonly before: MergedPair;
  readonly merging: (pair: MergedPair, salt: (patient: string) => string) => MergedPair;
}

/**
 * Writes two entries of one person that were merged or separated: their heads, their links, and a notice for each. The one event is for
 * the entry that has keys, so that somebody can recognize it.
 */
export async function putPair(
  ledger: Ledger,
  { before, merging }: Change,
  { salt, instant }: { readonly salt: string; readonly instant: string },
  change: (links: PatientLinks | undefined, link: OneWay) => readonly PatientLink[],
): Promise<void> {
  const own = (patient: string): string => `${salt}/${patient}`;
  const after = merging(before, (patient) => derivedSalt(own(patient), 'head'));
  const { custodian } = ledger;
  const put = async (head: PatientHead, other: PatientHead, type: PatientLink['type']): Promise<void> => {
    const { patient } = head;
    await ledger.putPrivate(patientKey(patient), head);
    const stored = await ledger.getPrivate(linksKey(patient));
    const links = change(stored, { custodian, patient: other.patient, type });
    await ledger.putPrivate(linksKey(patient), { patient, links, salt: derivedSalt(own(patient), 'link') });
  };
  await put(after.surviving, after.replaced, 'replaces');
  await put(after.replaced, after.surviving, 'replaced-by');

  const { surviving, replaced } = before;
  const isHeard = surviving.keys.length > 0 || replaced.keys.length === 0;
  const [told, other] = isHeard ? [surviving, replaced] : [replaced, surviving];
  await notify(ledger, told, { kind: 'link', instant, salt: own(told.patient) });
  await keepNotice(ledger, other.patient, { kind: 'link', instant, salt: own(other.patient) });
}
