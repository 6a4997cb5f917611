import { addLink, endLink, type LinkBody, type LinkSaid } from '@vitaledger/domain';
import { derivedSalt } from '../ledger/derived-salt.js';
import { linksKey } from '../ledger/keys.js';
import type { Ledger } from '../ledger/ledger.js';

/** Keeps what a patient signed about another entry of theirs, or takes it back. */
export async function putSignedLink(
  ledger: Ledger,
  patient: string,
  { other, type = 'seealso', unlink }: LinkBody,
  { said, salt }: { readonly said: LinkSaid; readonly salt: string },
): Promise<void> {
  const before = await ledger.getPrivate(linksKey(patient));
  const links = unlink ? endLink(before, other, said) : addLink(before, { ...other, type, linked: said });
  await ledger.putPrivate(linksKey(patient), { patient, links, salt: derivedSalt(salt, 'link') });
}
